package dev.confab.chat.examples.server;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A headless Chromium, driven by its DevTools protocol. For one thread. */
final class Browser implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final Process process;
  private final Thread killer;
  private final WebSocket socket;
  private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
  private final AtomicInteger lastId = new AtomicInteger();

  /** Done once what was asked last has been sent. Guarded by {@code waiting}. */
  private CompletableFuture<?> line = CompletableFuture.completedFuture("");

  private final List<String> contexts = new ArrayList<>();

  /** What is answered to a page that asks in a dialog. */
  private volatile String promptAnswer = "";

  /** What pages complained of: uncaught errors, and what the browser logged as an error. */
  private final List<String> complaints = new CopyOnWriteArrayList<>();

  private Browser(Process process, URI devTools) {
    this.process = process;
    this.killer = new Thread(process::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(killer);
    this.socket = HttpClient.newHttpClient()
        .newWebSocketBuilder()
        .buildAsync(devTools, new Ear())
        .join();
  }

  /** Starts this browser with a profile below this folder. */
  static Browser start(Path folder, Browsers.Found found) throws IOException {
    Path profile = Files.createTempDirectory(folder, "profile");
    Path said = Files.createTempFile(folder, "browser", ".log");
    ProcessBuilder builder = new ProcessBuilder(
            found.program().toString(),
            "--headless",
            // Also runs as root; what it opens is our own.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            // Windows that are not on top work like the one that is.
            "--disable-background-timer-throttling",
            "--disable-backgrounding-occluded-windows",
            "--disable-renderer-backgrounding",
            "--remote-debugging-port=0",
            "--user-data-dir=" + profile,
            "about:blank")
        .redirectErrorStream(true)
        .redirectOutput(said.toFile());
    builder.environment().putAll(found.environment());
    Process process = builder.start();
    Path port = profile.resolve("DevToolsActivePort");
    try {
      await().pollInterval(Duration.ofMillis(50)).atMost(PATIENCE).until(() -> {
        if (!process.isAlive()) {
          throw new AssertionError(
              "the browser " + found.program() + " ended: " + Files.readString(said));
        }
        return Files.exists(port) && Files.readAllLines(port).size() == 2;
      });
      List<String> lines = Files.readAllLines(port);
      return new Browser(process, URI.create("ws://127.0.0.1:" + lines.get(0) + lines.get(1)));
    } catch (RuntimeException | Error failure) {
      process.destroyForcibly();
      throw failure;
    }
  }

  /** Opens a window that shares nothing with others, at this page. */
  Window open(URI page) {
    String context = call("", "Target.createBrowserContext", Map.of())
        .path("browserContextId")
        .asText();
    contexts.add(context);
    String target = call(
            "", "Target.createTarget", Map.of("url", "about:blank", "browserContextId", context))
        .path("targetId")
        .asText();
    String session = call("", "Target.attachToTarget", Map.of("targetId", target, "flatten", true))
        .path("sessionId")
        .asText();
    for (String domain : List.of("Runtime", "Log", "Page")) {
      call(session, domain + ".enable", Map.of());
    }
    Window window = new Window(target, session);
    call(session, "Page.navigate", Map.of("url", page.toString()));
    window.awaitTrue("document.readyState === 'complete' && location.href !== 'about:blank'");
    return window;
  }

  /** From now on a page that asks for something in a dialog is answered this. */
  void answerPrompts(String answer) {
    promptAnswer = answer;
  }

  /** Closes all windows and forgets their complaints. */
  void closeWindows() {
    for (String context : contexts) {
      call("", "Target.disposeBrowserContext", Map.of("browserContextId", context));
    }
    contexts.clear();
    complaints.clear();
  }

  /** What pages complained of. */
  List<String> complaints() {
    return complaints;
  }

  private CompletableFuture<JsonNode> ask(
      String session, String method, Map<String, ?> parameters) {
    int id = lastId.incrementAndGet();
    ObjectNode request = JSON.createObjectNode().put("id", id).put("method", method);
    request.set("params", JSON.valueToTree(parameters));
    if (!session.isEmpty()) {
      request.put("sessionId", session);
    }
    CompletableFuture<JsonNode> reply = new CompletableFuture<>();
    waiting.put(id, reply);
    synchronized (waiting) {
      // A dialog is answered while something else is asked.
      line = line.thenCompose(done -> socket.sendText(request.toString(), true));
    }
    return reply;
  }

  private JsonNode call(String session, String method, Map<String, ?> parameters) {
    CompletableFuture<JsonNode> reply = ask(session, method, parameters);
    JsonNode heard = reply.orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    if (heard.has("error")) {
      throw new AssertionError(method + ": " + heard.get("error"));
    }
    return heard.path("result");
  }

  /** Ends the browser and all its windows. */
  @Override
  public void close() {
    List<ProcessHandle> all = process.descendants().toList();
    try {
      // Asked, it also takes away what it left in the system's folder for such things.
      call("", "Browser.close", Map.of());
      process.onExit().get(5, TimeUnit.SECONDS);
    } catch (Exception refused) {
      process.destroyForcibly();
    }
    all.forEach(ProcessHandle::destroyForcibly);
    process.onExit().orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS).join();
    Runtime.getRuntime().removeShutdownHook(killer);
  }

  /** A page, and somebody in front of it. */
  final class Window {
    private final String target;
    private final String session;

    private Window(String target, String session) {
      this.target = target;
      this.session = session;
    }

    /** Closes it, as its user does. */
    void close() {
      call("", "Target.closeTarget", Map.of("targetId", target));
    }

    /** The value of this expression in the page. */
    JsonNode value(String expression) {
      JsonNode answer = call(
          session,
          "Runtime.evaluate",
          Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
      if (answer.has("exceptionDetails")) {
        throw new AssertionError(expression + ": " + answer.get("exceptionDetails"));
      }
      return answer.at("/result/value");
    }

    /** Waits until this expression is true in the page. */
    void awaitTrue(String expression) {
      await(expression)
          .pollInterval(Duration.ofMillis(50))
          .atMost(PATIENCE)
          .until(() -> value(expression).asBoolean());
    }

    /** Types into a field, by keyboard. */
    void type(String field, String text) {
      value("document.querySelector('" + field + "').focus()");
      call(session, "Input.insertText", Map.of("text", text));
    }

    /** Presses the Enter key. */
    void enter() {
      for (String type : List.of("keyDown", "keyUp")) {
        call(
            session,
            "Input.dispatchKeyEvent",
            Map.of(
                "type",
                type,
                "key",
                "Enter",
                "code",
                "Enter",
                "windowsVirtualKeyCode",
                13,
                "text",
                "\r"));
      }
    }

    /** Clicks on something, by mouse. */
    void click(String selector) {
      JsonNode place = value(
          "(() => { const it = document.querySelector('" + selector
              + "'); it.scrollIntoView({ block: 'nearest' });"
              + " const box = it.getBoundingClientRect(); return { x: box.x + box.width / 2, y: box.y + box.height / 2 }; })()");
      for (String type : List.of("mousePressed", "mouseReleased")) {
        call(
            session,
            "Input.dispatchMouseEvent",
            Map.of(
                "type",
                type,
                "x",
                place.path("x").asDouble(),
                "y",
                place.path("y").asDouble(),
                "button",
                "left",
                "clickCount",
                1));
      }
    }
  }

  private final class Ear implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
      text.append(part);
      if (last) {
        hear(text.toString());
        text.setLength(0);
      }
      from.request(1);
      return null;
    }

    private void hear(String message) {
      JsonNode heard;
      try {
        heard = JSON.readTree(message);
      } catch (JsonProcessingException wrong) {
        throw new AssertionError(wrong);
      }
      if (heard.has("id")) {
        waiting.remove(heard.get("id").asInt()).complete(heard);
      } else if (heard.path("method").asText().equals("Page.javascriptDialogOpening")) {
        CompletableFuture<JsonNode> notWaitedFor = ask(
            heard.path("sessionId").asText(),
            "Page.handleJavaScriptDialog",
            Map.of("accept", true, "promptText", promptAnswer));
        assert notWaitedFor != null;
      } else if (heard.path("method").asText().equals("Runtime.exceptionThrown")) {
        complaints.add(heard.path("params").toString());
      } else if (heard.path("method").asText().equals("Log.entryAdded")
          && heard.at("/params/entry/level").asText().equals("error")) {
        complaints.add(heard.at("/params/entry").toString());
      }
    }
  }
}
