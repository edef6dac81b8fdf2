package io.kledger.cli.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** What the project ships beside the program. */
final class Project {
  private Project() {}

  /**
   * A folder of the checkout: the one that the launcher was started from, else the current
   * directory.
   *
   * @throws IOException if it is not there
   */
  static Path folder(String name) throws IOException {
    String home = System.getProperty("kledger.home");
    Path folder = home == null ? Path.of(name) : Path.of(home, name);
    if (!Files.isDirectory(folder)) {
      throw new NoSuchFileException(
          folder.toString(), null, "no such folder; say which files, or start the launcher");
    }
    return folder;
  }
}
