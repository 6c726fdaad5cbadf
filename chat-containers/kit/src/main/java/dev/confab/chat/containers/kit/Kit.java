package dev.confab.chat.containers.kit;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;

/** Runs the kit once, on a thread of its own, and says what became of it. */
public final class Kit {
  private static final AtomicReference<@Nullable Kit> KIT = new AtomicReference<>();

  /** Which tests, by a part of their names; a means to look closely at one. */
  private static final Pattern ONLY = Pattern.compile(System.getProperty("confab.kit.only", ""));

  private volatile String state = "nothing yet";

  private Kit() {}

  /**
   * Begins, or says how far it is, in a server that has no servlets and shows no container.
   *
   * @param container its name and version
   * @param port where it is
   * @return "done" with a summary, or what is run just now
   */
  public static String ask(String container, int port) {
    return ask(new HostContainer.Host(container, false, port, Optional.empty()));
  }

  /**
   * Begins, or says how far it is.
   *
   * @return "done" with a summary, or what is run just now
   */
  static String ask(HostContainer.Host host) {
    Kit kit = new Kit();
    if (KIT.compareAndSet(null, kit)) {
      HostContainer.HOST.set(host);
      Thread thread = new Thread(kit::run, "conformance-kit");
      thread.setDaemon(true);
      thread.setContextClassLoader(Kit.class.getClassLoader());
      thread.start();
    }
    return Optional.ofNullable(KIT.get()).orElse(kit).state;
  }

  private void run() {
    LauncherDiscoveryRequest request = LauncherDiscoveryRequestBuilder.request()
        .selectors(
            selectClass(HostConformanceContract.class),
            selectClass(HostEndpointContract.class),
            selectClass(HostTransportContract.class))
        .configurationParameter(
            "junit.jupiter.execution.timeout.default", Duration.ofMinutes(2).toSeconds() + " s")
        .filters((PostDiscoveryFilter) test -> FilterResult.includedIf(
            !test.isTest() || ONLY.matcher(test.getDisplayName()).find()))
        .build();
    List<String> failed = new ArrayList<>();
    SummaryGeneratingListener summary = new SummaryGeneratingListener();
    try {
      LauncherFactory.create().execute(request, summary, new TestExecutionListener() {
        @Override
        public void executionStarted(TestIdentifier test) {
          state = "at " + test.getDisplayName();
        }

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
          if (result.getStatus() == TestExecutionResult.Status.FAILED) {
            failed.add(test.getDisplayName());
          }
          result.getThrowable().ifPresent(failure -> {
            System.out.println("FAILED " + test.getDisplayName());
            failure.printStackTrace(System.out);
          });
        }
      });
      StringWriter text = new StringWriter();
      summary.getSummary().printTo(new PrintWriter(text));
      failed.forEach(name -> text.append("failed: ").append(name).append('\n'));
      state = "done\n" + text;
    } catch (RuntimeException | Error failure) {
      failure.printStackTrace(System.out);
      state = "done\nbroken: " + failure;
    }
  }
}
