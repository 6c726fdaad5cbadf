package dev.confab.chat.internal.dialect;

import static dev.confab.chat.internal.dialect.Requests.CHAT_V1;
import static dev.confab.chat.internal.dialect.Requests.PLAIN;
import static dev.confab.chat.internal.dialect.Requests.assertRefused;
import static dev.confab.chat.internal.dialect.Requests.command;
import static dev.confab.chat.internal.dialect.Requests.json;
import static org.assertj.core.api.Assertions.assertThat;

import dev.confab.chat.model.Json;
import dev.confab.chat.protocol.Command;
import dev.confab.chat.protocol.Decoded;
import dev.confab.chat.protocol.ErrorCode;
import dev.confab.chat.protocol.Reply;
import dev.confab.chat.protocol.Result;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class HostileFramesTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "{}",
        "[]",
        "null",
        "true",
        "7",
        "1e400",
        "'ping'",
        "ping",
        "{",
        "{'op'",
        "{'op':",
        "{'op':'ping'",
        "{'op':'ping',}",
        "{'op':'ping'}}",
        "{'op':'ping'} x",
        "{'op':'ping'}{'op':'ping'}",
        "{'op':'ping','args':[}",
        "{'op':'ping','args':[1,]}",
        "{op:'ping'}",
        "{'op':'pi\tng'}",
        "{'op':'p\u0000'}",
        "\u0000",
        "\u00a0",
        "\ufeff{'op':'ping'}",
        "{'op':null}",
        "{'op':5}",
        "{'op':['ping']}",
        "{'op':{'op':'ping'}}",
        "{'op':'\\ud800'}",
        "{'op':'\ud800'}",
        "{'op':'\\u12'}",
        "{'op':'ping','id':01}",
        "{'op':'ping','id':NaN}",
        "{'op':'ping','op':'pong'}",
        "{'args':['op','ping']}",
        "// {'op':'ping'}",
        "<script>alert(1)</script>"
      })
  void what_is_no_request_gets_the_answer_of_the_first_servers(String frame) {
    assertRefused(json(frame), "-", "-", ErrorCode.BAD_FRAME, "-");
    Decoded.Malformed refused =
        (Decoded.Malformed) Requests.read(PLAIN, json(frame)).get(0);
    assertThat(Requests.answer(
            PLAIN,
            new Reply(Optional.empty(), Optional.empty(), new Result.Refused(refused.refusal()))))
        .isEqualTo(json("{'error':'Json format error','code':'bad_frame','retry':'no'}"));
  }

  @Test
  void plain_frame_of_nothing_is_no_request() {
    for (String frame : List.of("", " ", "\n", "\r\n\t")) {
      assertThat(Requests.read(PLAIN, frame)).singleElement().isInstanceOf(Decoded.Malformed.class);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{'op':'publish','args':['a','\\ud800'],'id':1} | data",
        "{'op':'publish','args':['a','\\udc00\\ud800'],'id':1} | data",
        "{'op':'publish','args':['a',['\\ud800x']],'id':1} | data",
        "{'op':'publish','args':['a',{'\\udc00':1}],'id':1} | data",
        "{'op':'publish','args':['a',{'x':1,'x':2}],'id':1} | data",
        "{'op':'publish','args':['a',[{'y':{'x':1,'\\u0078':2}}]],'id':1} | data",
        "{'args':['a',{'x':1,'x':2}],'id':1,'op':'publish'} | data",
        "{'id':1,'args':['a',{'x':1,'x':2}],'op':'signal'} | data",
        "{'op':'sendtouser','args':['a',{'x':1,'x':2}],'id':1} | data",
        "{'op':'sendbroadcast','args':[{'x':1,'x':2}],'id':1} | data",
        "{'op':'publish','args':[['\\ud800'],'x'],'id':1} | channel",
        "{'op':'publish','args':['a','x',{'key':'1','key':'1'}],'id':1} | args",
        "{'op':'subscribe','args':['a',{'since':{'a':'0','a':'0'}}],'id':1} | args",
        "{'op':'publish','args':['a','x'],'args':['a','x'],'id':1} | args",
        "{'op':'publish','args':['a'],'id':1,'args':['a','x']} | args",
        "{'token':'a','op':'auth','id':1,'token':'b'} | token",
        "{'op':'ping','v':1,'id':1,'args':[],'v':2} | v",
        "{'op':'register','args':['\\ud800'],'id':1} | args",
        "{'op':'auth','args':['tom','\\ud800'],'id':1} | password",
        "{'op':'auth','args':['\\ud800','x'],'id':1} | name",
        "{'op':'auth','token':'\\ud800','id':1} | token",
        "{'op':'auth','token':'a','token':'b','id':1} | token"
      })
  void data_that_is_refused_is_told_with_op_id_and_field(String frame, String field) {
    String op = frame.replaceAll(".*'op':'([a-z]+)'.*", "$1");
    assertRefused(json(frame), op, "1", ErrorCode.BAD_FRAME, field);
  }

  @Test
  void id_that_is_there_twice_is_none() {
    assertRefused(json("{'op':'ping','id':1,'id':2}"), "ping", "-", ErrorCode.BAD_FRAME, "id");
  }

  @Test
  void lone_surrogate_that_came_unescaped_is_refused_too() {
    assertRefused(
        json("{'op':'publish','args':['a','x\ud800y'],'id':1}"),
        "publish",
        "1",
        ErrorCode.BAD_FRAME,
        "data");
    assertThat(command("{'op':'publish','args':['a','x\ud83d\ude00\\ud83d\\ude00y']}"))
        .extracting(send -> ((Command.Send) send).data().text())
        .isEqualTo(json("'x\ud83d\ude00\ud83d\ude00y'"));
  }

  @Test
  void data_of_64_levels_is_taken_and_of_65_refused() {
    String most = "[".repeat(64) + "]".repeat(64);
    assertThat(command("{'op':'publish','args':['a'," + most + "]}"))
        .extracting(send -> ((Command.Send) send).data().text())
        .isEqualTo(most);
    for (int levels : List.of(65, 127, 200, 1_001, 30_000)) {
      String data = "[".repeat(levels) + "]".repeat(levels);
      assertRefused(
          json("{'op':'publish','args':['a'," + data + "],'id':1}"),
          "publish",
          "1",
          ErrorCode.BAD_FRAME,
          "data");
    }
    String objects = json("{'a':".repeat(65)) + "1" + "}".repeat(65);
    assertRefused(
        json("{'op':'publish','args':['a',") + objects + json("],'id':1}"),
        "publish",
        "1",
        ErrorCode.BAD_FRAME,
        "data");
  }

  @Test
  void nesting_that_never_ends_is_no_json() {
    assertRefused("[".repeat(65_536), "-", "-", ErrorCode.BAD_FRAME, "-");
    assertRefused(json("{'op':").repeat(10_000), "-", "-", ErrorCode.BAD_FRAME, "-");
    assertRefused(
        json("{'op':'publish','id':1,'args':['a',") + "[".repeat(60_000),
        "-",
        "-",
        ErrorCode.BAD_FRAME,
        "-");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1e400", "-1E+400", "0.1000", "-0", "-0.0", "1e-0", "12345678901234567890.10"})
  void numbers_keep_their_digits(String number) {
    assertThat(command("{'op':'publish','args':['a'," + number + "]}"))
        .extracting(send -> ((Command.Send) send).data().text())
        .isEqualTo(number);
  }

  @Test
  void number_of_100_characters_is_taken_and_of_101_refused() {
    for (String start : List.of("1", "-", "0.", "1e", "-1.5E-")) {
      String most = start + "3".repeat(100 - start.length());
      assertThat(command("{'op':'publish','args':['a'," + most + "]}"))
          .extracting(send -> ((Command.Send) send).data().text())
          .isEqualTo(most);
      assertRefused(
          json("{'op':'publish','args':['a',[" + most + "3]],'id':1}"),
          "publish",
          "1",
          ErrorCode.BAD_FRAME,
          "data");
    }
    assertRefused(
        json("{'op':'publish','args':['a'," + "9".repeat(60_000) + "],'id':1}"),
        "publish",
        "1",
        ErrorCode.BAD_FRAME,
        "data");
    assertRefused(
        json("{'op':'ping','id':" + "9".repeat(101) + "}"), "ping", "-", ErrorCode.BAD_ARGS, "id");
  }

  @Test
  void nul_in_data_stays_an_escape() {
    assertThat(command("{'op':'publish','args':['a','\\u0000\\u001f\\u007f']}"))
        .extracting(send -> ((Command.Send) send).data().text())
        .isEqualTo(json("'\\u0000\\u001F\u007f'"));
  }

  @Test
  void data_of_70_kib_is_read_whatever_it_consists_of() {
    String text = "ä\\n".repeat(35_000);
    assertThat(command("{'op':'publish','args':['a','" + text + "']}"))
        .extracting(send -> ((Command.Send) send).data())
        .isEqualTo(Json.string("ä\n".repeat(35_000)));
    String name = "n".repeat(70_000);
    assertThat(command("{'op':'publish','args':['a',{'" + name + "':1}]}"))
        .extracting(send -> ((Command.Send) send).data().text())
        .isEqualTo(json("{'" + name + "':1}"));
    String numbers =
        IntStream.range(0, 12_000).mapToObj(i -> i + "").collect(Collectors.joining(","));
    assertThat(command("{'op':'publish','args':['a',[" + numbers + "]]}"))
        .extracting(send -> ((Command.Send) send).data().text())
        .isEqualTo("[" + numbers + "]");
    String names =
        IntStream.range(0, 7_000).mapToObj(i -> "'" + i + "':1").collect(Collectors.joining(","));
    assertThat(command("{'op':'publish','args':['a',{" + names + "}]}"))
        .extracting(send -> ((Command.Send) send).data().text())
        .isEqualTo(json("{" + names + "}"));
  }

  @Test
  void pretty_printed_data_is_minified_for_plain_clients() {
    String frame = json(
        "{\n  'op': 'publish',\n  'args': [\n    'a',\n    { 'x' : [ 1, 2 ],\r\n\t'y': ' a  b ' }\n  ]\n}\n");
    assertThat(Requests.read(PLAIN, frame))
        .singleElement()
        .extracting(request ->
            ((Command.Send) ((Decoded.Request) request).command()).data().text())
        .isEqualTo(json("{'x':[1,2],'y':' a  b '}"));
  }

  @Test
  void pretty_printed_request_of_a_line_client_is_bad_line_by_line() {
    assertThat(Requests.read(CHAT_V1, "{\n\n}\r\n"))
        .hasSize(2)
        .allSatisfy(decoded -> assertThat(decoded).isInstanceOf(Decoded.Malformed.class));
  }

  @Test
  void bad_line_is_answered_alone_and_blank_ones_not_at_all() {
    List<Decoded> decoded = Requests.read(
        CHAT_V1,
        json("\n{'op':'ping','id':1}\n \t\r\nnonsense\n\n{'op':'ping','id':2}\r\n{'id':3}\n"));
    assertThat(decoded).hasSize(4);
    assertThat(decoded.get(0)).isEqualTo(Requests.decode(json("{'op':'ping','id':1}")));
    assertThat(decoded.get(1)).isEqualTo(Requests.decode("nonsense"));
    assertThat(decoded.get(2)).isEqualTo(Requests.decode(json("{'op':'ping','id':2}")));
    assertThat(decoded.get(3)).isEqualTo(Requests.decode(json("{'id':3}")));
    assertThat(Requests.read(CHAT_V1, "\n \r\n\t\n")).isEmpty();
    assertThat(Requests.read(CHAT_V1, "")).isEmpty();
  }

  @Test
  void frame_of_two_requests_is_none_for_plain_clients() {
    assertThat(Requests.read(PLAIN, json("{'op':'ping'}\n{'op':'ping'}")))
        .singleElement()
        .isInstanceOf(Decoded.Malformed.class);
  }

  @Test
  void each_of_a_thousand_frames_gets_one_answer() {
    String frame = IntStream.range(0, 1_000)
        .mapToObj(i -> i % 2 == 0 ? json("{'op':'publish','id':" + i + "}") : "x")
        .collect(Collectors.joining("\n"));
    assertThat(Requests.read(CHAT_V1, frame)).hasSize(1_000);
  }
}
