package io.kledger.cli;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The HTTP service, in this JVM but in a class loader of its own. Its jars are on nobody's class
 * path, so that every other verb starts without looking at them; and its libraries cannot meet the
 * command's.
 *
 * <p>What the service should know goes through system properties, set before it starts.
 */
public final class Service {

  private static final String ENTRY_POINT = "io.quarkus.bootstrap.runner.QuarkusEntryPoint";

  private Service() {}

  /** Runs the service until the JVM is told to end. */
  public static void run(String... arguments) throws IOException, ReflectiveOperationException {
    URL[] jar = {jar().toUri().toURL()};
    try (URLClassLoader loader =
        new URLClassLoader("kledger service", jar, ClassLoader.getPlatformClassLoader())) {
      Thread.currentThread().setContextClassLoader(loader);
      System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
      loader
          .loadClass(ENTRY_POINT)
          .getMethod("main", String[].class)
          .invoke(null, (Object) arguments);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException("The service ended with an error", e.getCause());
    }
  }

  private static Path jar() throws IOException {
    String home = System.getProperty("kledger.home");
    if (home == null) {
      throw new IOException("-Dkledger.home is not set: start kledger with its launcher");
    }
    Path jar = Path.of(home, "projections", "target", "quarkus-app", "quarkus-run.jar");
    if (!Files.isReadable(jar)) {
      throw new IOException(jar + " is missing: build it with mvn -DskipTests package");
    }
    return jar;
  }
}
