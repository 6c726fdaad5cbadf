package dev.confab.chat.containers.redeploy;

import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Path;

/** A class loader as containers make them: the application's own classes come first. */
public final class ApplicationLoader extends URLClassLoader {
  static {
    registerAsParallelCapable();
  }

  /** For this application, in a container loaded by the other class loader. */
  public ApplicationLoader(Application application, ClassLoader container) {
    super(application.parts().stream().map(ApplicationLoader::url).toArray(URL[]::new), container);
  }

  private static URL url(Path part) {
    try {
      return part.toUri().toURL();
    } catch (MalformedURLException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      Class<?> loaded = findLoadedClass(name);
      if (loaded != null) {
        return loaded;
      }
      try {
        return findClass(name);
      } catch (ClassNotFoundException notOurs) {
        return super.loadClass(name, resolve);
      }
    }
  }
}
