package dev.confab.chat.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.InputFormat;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SpecVersion;
import com.networknt.schema.oas.OpenApi31;
import dev.confab.chat.model.ChannelKind;
import dev.confab.chat.model.ChannelName;
import dev.confab.chat.model.Json;
import dev.confab.chat.model.UserId;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;

/** The description says what the server does: every operation is called, every body of both sides is checked. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class OpenApiTest {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String IRI = "https://confab.example/openapi.json";

  /** One call of an operation. */
  private record Example(String path, String body, int status) {}

  private final WorkQueue queue = WorkQueue.named("q").build();
  private TestServer server;
  private JsonNode description;
  private JsonSchemaFactory schemas;
  private String connection;

  @BeforeAll
  void start() throws Exception {
    server = new TestServer(
        chat -> chat.channels(ChannelKind.of("ticks_").withoutLog()),
        api -> api.queue(queue),
        acceptor -> acceptor);
    HttpResponse<String> answer = server.get("/openapi.json", "Authorization", "none");
    assertThat(answer.statusCode()).isEqualTo(200);
    description = MAPPER.readTree(answer.body());
    schemas = JsonSchemaFactory.getInstance(
        SpecVersion.VersionFlag.V202012,
        builder -> builder
            .metaSchema(OpenApi31.getInstance())
            .defaultMetaSchemaIri(OpenApi31.getInstance().getIri())
            .schemaLoaders(loaders -> loaders.schemas(Map.of(IRI, answer.body()))));
    TestSocket client = server.client("ann");
    client.send("{\"op\":\"subscribe\",\"args\":[\"room_1\"],\"id\":1}");
    client.next();
    connection =
        server.chat().users().sessions(UserId.of("ann")).get(0).connection().value();
    server.chat().publish(ChannelName.of("room_1"), "first");
    server
        .chat()
        .connections()
        .replaceAttributes(
            new dev.confab.chat.model.ConnectionId(connection),
            Map.of("a", Json.parse("{\"b\":1}")));
  }

  @AfterAll
  void stop() {
    server.close();
  }

  /** Several for one operation where it answers in several ways. Those that end something come last. */
  private Map<String, List<Example>> examples() {
    String here = "/api/v1/connections/" + connection;
    String gone = "/api/v1/connections/none";
    Map<String, List<Example>> all = new LinkedHashMap<>();
    all.put(
        "publish",
        List.of(
            new Example(
                "/api/v1/channels/room_1/messages", "{\"data\":{\"n\":1.50},\"key\":\"k1\"}", 201),
            new Example("/api/v1/channels/room_1/messages", "{\"data\":2,\"key\":\"k1\"}", 200),
            new Example("/api/v1/channels/room%201/messages", "{\"data\":2}", 400)));
    all.put(
        "publishToUser",
        List.of(
            new Example("/api/v1/users/ann/messages", "{\"data\":null}", 201),
            new Example("/api/v1/users/%C3%A4%2Fb/messages", "{\"data\":\"\"}", 201)));
    all.put(
        "publishBatch",
        List.of(new Example(
            "/api/v1/messages",
            "{\"messages\":[{\"channel\":\"room_2\",\"data\":1},{\"user\":\"tom\",\"data\":2},{\"channel\":\"ticks_x\",\"data\":3}]}",
            200)));
    all.put(
        "history",
        List.of(
            new Example("/api/v1/channels/room_1/messages?limit=1", "", 200),
            new Example("/api/v1/channels/room_1/messages?before=2", "", 200),
            new Example("/api/v1/channels/room_1/messages?after=0", "", 200),
            new Example("/api/v1/channels/room_1/messages?after=9.AAAAAAAAAAAAAAAA", "", 200),
            new Example("/api/v1/channels/room_1/messages?after=x", "", 400)));
    all.put(
        "redact",
        List.of(
            new Example("/api/v1/channels/room_1/messages/1", "", 204),
            new Example("/api/v1/channels/room_1/messages/1", "", 404)));
    all.put(
        "announce",
        List.of(
            new Example("/api/v1/channels/ticks_x/announcements", "{\"data\":1}", 200),
            new Example("/api/v1/channels/room_1/announcements", "{\"data\":1}", 400)));
    all.put(
        "signal",
        List.of(
            new Example("/api/v1/signals", "{\"to\":{\"channels\":[\"room_1\"]},\"data\":1}", 200),
            new Example(
                "/api/v1/signals",
                "{\"to\":{\"users\":[\"ann\",\"none\"]},\"except\":{\"connections\":[\"x\"]},\"naming\":\"room_1\",\"data\":1}",
                200),
            new Example(
                "/api/v1/signals",
                "{\"to\":{\"everybody\":true},\"except\":{\"users\":[\"ann\"]},\"data\":1}",
                200)));
    all.put("counts", List.of(new Example("/api/v1/counts", "", 200)));
    all.put("queues", List.of(new Example("/api/v1/queues", "", 200)));
    all.put(
        "connections",
        List.of(
            new Example("/api/v1/connections?limit=1", "", 200),
            new Example("/api/v1/connections?limit=0", "", 400)));
    all.put("connection", List.of(new Example(here, "", 200), new Example(gone, "", 404)));
    all.put(
        "mergeAttributes",
        List.of(
            new Example(here + "/attributes", "{\"a\":{\"c\":2},\"d\":null}", 200),
            new Example(gone + "/attributes", "{\"a\":1}", 404)));
    all.put(
        "replaceAttributes",
        List.of(
            new Example(here + "/attributes", "{\"z\":[1]}", 204),
            new Example(here + "/attributes", "{\"z\":\"" + "x".repeat(100_000) + "\"}", 413)));
    all.put(
        "login",
        List.of(
            new Example(
                here + "/identity",
                "{\"id\":\"ann\",\"name\":\"Ann\",\"roles\":[\"a\"],\"attributes\":{\"x\":\"y\"}}",
                204),
            new Example(here + "/identity", "{\"id\":\"ann\",\"expires_at\":1}", 401),
            new Example(gone + "/identity", "{\"id\":\"7\"}", 404)));
    all.put(
        "join",
        List.of(
            new Example(here + "/channels/room_3", "", 204),
            new Example(gone + "/channels/room_3", "", 404)));
    all.put(
        "channelsOfConnection",
        List.of(
            new Example(here + "/channels?limit=1", "", 200),
            new Example(gone + "/channels", "", 404)));
    all.put("users", List.of(new Example("/api/v1/users", "", 200)));
    all.put(
        "onlineUsers",
        List.of(new Example("/api/v1/users/online", "{\"users\":[\"ann\",\"tom\"]}", 200)));
    all.put(
        "user",
        List.of(
            new Example("/api/v1/users/ann", "", 200), new Example("/api/v1/users/none", "", 200)));
    all.put("channels", List.of(new Example("/api/v1/channels?limit=1", "", 200)));
    all.put("channel", List.of(new Example("/api/v1/channels/room_1", "", 200)));
    all.put(
        "connectionsOfChannel",
        List.of(
            new Example("/api/v1/channels/room_1/connections", "", 200),
            new Example("/api/v1/channels/room_1/connections?after=x", "", 400)));
    all.put("usersOfChannel", List.of(new Example("/api/v1/channels/room_1/users", "", 200)));
    all.put(
        "leave",
        List.of(
            new Example(here + "/channels/room_3", "", 204),
            new Example(here + "/channels/room_3", "", 404)));
    all.put(
        "meshPublish",
        List.of(
            new Example("/v1/mesh/publish", "{\"c\":\"room_1\",\"d\":\"x\"}", 200),
            new Example("/v1/mesh/publish", "{\"c\":\"\",\"d\":\"x\"}", 200)));
    all.put(
        "meshSend",
        List.of(
            new Example("/v1/mesh/send", "{\"c\":\"" + connection + "\",\"d\":\"x\"}", 200),
            new Example("/v1/mesh/send", "{\"c\":1,\"d\":\"x\"}", 200)));
    all.put("push", List.of(new Example("/", "type=publish&to=ann&content=x", 200)));
    all.put("pushByQuery", List.of(new Example("/?type=publish&to=none&content=x", "", 200)));
    all.put("description", List.of(new Example("/openapi.json", "", 200)));
    all.put("dissolve", List.of(new Example("/api/v1/channels/room_1/subscriptions", "", 200)));
    all.put(
        "logout",
        List.of(
            new Example(here + "/identity", "", 204), new Example(here + "/identity", "", 404)));
    all.put(
        "disconnect",
        List.of(
            new Example(
                "/api/v1/disconnections", "{\"to\":{\"users\":[\"none\"]},\"cut\":true}", 200),
            new Example(
                "/api/v1/disconnections",
                "{\"to\":{\"connections\":[\"" + connection
                    + "\"]},\"code\":4404,\"reason\":\"bye\",\"after_ms\":5,\"last\":\"bye\"}",
                200)));
    return all;
  }

  private Map<String, String[]> operations() {
    Map<String, String[]> operations = new LinkedHashMap<>();
    description
        .get("paths")
        .properties()
        .forEach(path -> path.getValue()
            .properties()
            .forEach(operation -> assertThat(operations.put(
                    operation.getValue().get("operationId").asText(),
                    new String[] {operation.getKey(), path.getKey()}))
                .isNull()));
    return operations;
  }

  @TestFactory
  Stream<DynamicTest> every_operation_answers_as_described() {
    Map<String, String[]> operations = operations();
    assertThat(new TreeSet<>(examples().keySet())).isEqualTo(new TreeSet<>(operations.keySet()));
    return examples().entrySet().stream()
        .flatMap(each -> each.getValue().stream()
            .map(example -> DynamicTest.dynamicTest(
                each.getKey() + " " + example.status() + " " + example.path(),
                () -> check(each.getKey(), operations.get(each.getKey()), example))));
  }

  private void check(String id, String[] operation, Example example) throws Exception {
    JsonNode described = description.get("paths").get(operation[1]).get(operation[0]);
    assertThat(example.path().replaceAll("\\?.*", ""))
        .as("the path is that of the operation")
        .matches(operation[1].replaceAll("\\{[^}]+}", "[^/]+"));
    JsonNode request = described.at("/requestBody/content/application~1json/schema");
    if (!request.isMissingNode()) {
      assertThat(faults(request, example.body())).as("request of " + id).isEmpty();
    } else {
      assertThat(example.body().isEmpty() || id.equals("push")).isTrue();
    }
    HttpResponse<String> answer = server.send(
        operation[0].toUpperCase(java.util.Locale.ROOT), example.path(), example.body());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(example.status());
    JsonNode response = resolved(described.get("responses").path("" + answer.statusCode()));
    assertThat(response.isMissingNode()).as("status is described").isFalse();
    JsonNode content = response.path("content");
    if (content.isMissingNode()) {
      assertThat(answer.body()).isEmpty();
    } else {
      String type = answer.headers().firstValue("Content-Type").orElseThrow().replaceAll(";.*", "");
      String body = type.equals("text/plain") ? "\"" + answer.body() + "\"" : answer.body();
      assertThat(content.has(type)).as(type).isTrue();
      assertThat(faults(content.get(type).get("schema"), body)).as(body).isEmpty();
    }
  }

  private JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? description.at(node.get("$ref").asText().substring(1)) : node;
  }

  private List<String> faults(JsonNode schema, String body) {
    JsonSchema checked = schema.has("$ref")
        ? schemas.getSchema(SchemaLocation.of(IRI + schema.get("$ref").asText()))
        : schemas.getSchema(schema);
    return checked.validate(body, InputFormat.JSON).stream()
        .map(Object::toString)
        .toList();
  }

  @Test
  void what_is_answered_to_is_described_and_the_other_way_round() {
    List<String> described = operations().values().stream()
        .map(operation -> operation[0].toUpperCase(java.util.Locale.ROOT) + " "
            + operation[1].replaceAll("\\{[^}]+}", "x"))
        .toList();
    List<String> answered = new ArrayList<>();
    for (Route route : server.api().routes()) {
      String path = described.stream()
          .map(each -> each.substring(each.indexOf(' ') + 1))
          .filter(each -> described.contains(route.method() + " " + each)
              && route.match(List.of(each.split("/", -1))).isPresent())
          .findFirst()
          .orElse("no such path");
      answered.add(route.method() + " " + path);
    }
    answered.add("GET /openapi.json");
    assertThat(answered).containsExactlyInAnyOrderElementsOf(described);
  }

  @Test
  void bodies_that_are_not_as_described_are_refused() {
    Map<String, List<String>> wrong = Map.of(
        "/api/v1/channels/room_1/messages",
            List.of("{}", "{\"data\":1,\"extra\":1}", "{\"data\":1,\"key\":\"a b\"}"),
        "/api/v1/messages", List.of("{}", "{\"messages\":[]}", "{\"messages\":{}}"),
        "/api/v1/signals",
            List.of(
                "{\"data\":1}",
                "{\"to\":{},\"data\":1}",
                "{\"to\":{\"users\":[],\"channels\":[]},\"data\":1}",
                "{\"to\":{\"users\":[1.5]},\"data\":1}",
                "{\"to\":{\"everybody\":false},\"data\":1}"),
        "/api/v1/disconnections",
            List.of(
                "{\"to\":{\"users\":[]},\"code\":1005}",
                "{\"to\":{\"users\":[]},\"code\":\"x\"}",
                "{\"to\":[]}"));
    wrong.forEach((path, bodies) -> {
      for (String body : bodies) {
        HttpResponse<String> answer = server.post(path, body);
        assertThat(answer.statusCode()).as(path + " " + body + answer.body()).isEqualTo(400);
        assertThat(faults(
                description.at("/components/responses/E400/content/application~1json/schema"),
                answer.body()))
            .isEmpty();
      }
    });
  }

  @Test
  void validator_notices_what_is_wrong() {
    JsonNode receipt = description.at(
        "/paths/~1api~1v1~1users~1{user}~1messages/post/responses/201/content/application~1json/schema");
    assertThat(faults(receipt, "{\"seq\":1}")).isNotEmpty();
    assertThat(
            faults(
                receipt,
                "{\"channel\":\"a\",\"seq\":0,\"id\":\"\",\"cursor\":\"\",\"at\":0,\"duplicate\":false}"))
        .isNotEmpty();
    assertThat(
            faults(
                receipt,
                "{\"channel\":\"a\",\"seq\":1,\"id\":\"\",\"cursor\":\"\",\"at\":0,\"duplicate\":false,\"x\":1}"))
        .isNotEmpty();
    assertThat(
            faults(
                receipt,
                "{\"channel\":\"a\",\"seq\":1,\"id\":\"\",\"cursor\":\"\",\"at\":0,\"duplicate\":false}"))
        .isEmpty();
  }

  @Test
  void description_is_in_one_piece() {
    assertThat(description.get("openapi").asText()).isEqualTo("3.1.0");
    List<String> dangling = new ArrayList<>();
    collectDangling(description, dangling);
    assertThat(dangling).isEmpty();
    JsonSchema metaSchema =
        schemas.getSchema(SchemaLocation.of("https://json-schema.org/draft/2020-12/schema"));
    description
        .at("/components/schemas")
        .properties()
        .forEach(schema -> assertThat(metaSchema.validate(schema.getValue()))
            .as(schema.getKey())
            .isEmpty());
    operations().forEach((id, operation) -> {
      JsonNode described = description.get("paths").get(operation[1]).get(operation[0]);
      List<String> named = new ArrayList<>();
      described.path("parameters").forEach(parameter -> {
        if (resolved(parameter).get("in").asText().equals("path")) {
          named.add("{" + resolved(parameter).get("name").asText() + "}");
        }
      });
      List<String> wanted = Stream.of(operation[1].split("/"))
          .filter(part -> part.startsWith("{"))
          .toList();
      assertThat(named).as(id).containsExactlyInAnyOrderElementsOf(wanted);
    });
  }

  private void collectDangling(JsonNode node, List<String> dangling) {
    if (node.has("$ref")) {
      Optional.of(node.get("$ref").asText())
          .filter(reference -> description.at(reference.substring(1)).isMissingNode())
          .ifPresent(dangling::add);
    }
    node.forEach(child -> collectDangling(child, dangling));
  }

  @Test
  void scopes_are_as_described() throws Exception {
    for (Scope scope : Scope.values()) {
      ApiKey.Made lacking = ApiKey.generate(scope == Scope.READ ? Scope.PUBLISH : Scope.READ);
      try (TestServer other = new TestServer(lacking.key())) {
        operations().forEach((id, operation) -> {
          JsonNode described = description.get("paths").get(operation[1]).get(operation[0]);
          if (described.path("description").asText().contains("`" + scope.word() + "`")) {
            String path = operation[1].replaceAll("\\{seq}", "1").replaceAll("\\{[^}]+}", "x");
            assertThat(other
                    .send(
                        operation[0].toUpperCase(java.util.Locale.ROOT),
                        path,
                        "",
                        "X-API-Key",
                        lacking.secret())
                    .statusCode())
                .as(id)
                .isEqualTo(403);
          }
        });
      }
    }
  }
}
