package dev.confab.chat.containers.redeploy;

/** A container in this process that takes applications and gives them up again while it runs. Used by one thread. */
public interface ApplicationServer extends AutoCloseable {
  /**
   * Starts without an application.
   *
   * @return the port
   * @throws Exception if it could not start
   */
  int start() throws Exception;

  /**
   * Starts an application at {@link Application#PATH}.
   *
   * @return its class loader, which only it and the container may keep
   * @throws Exception if it could not start
   */
  ClassLoader deploy(Application application) throws Exception;

  /**
   * Stops the application and forgets it.
   *
   * @throws Exception if it could not stop
   */
  void undeploy() throws Exception;

  /** Stops. */
  @Override
  void close();
}
