package io.kledger.log.local;

import io.kledger.log.LedgerUri;
import io.kledger.log.LogException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.regex.Pattern;

/** The file that makes a directory a ledger: {@code kledger ledger 1 ID}. */
final class LedgerFile {

  private static final Pattern CONTENT =
      Pattern.compile("kledger ledger ([0-9]+) ([0-9a-f-]{36})\n");
  private static final String VERSION = "1";

  private LedgerFile() {}

  /** The id of the ledger in a directory, which is made a ledger if allowed and empty. */
  static String open(LedgerUri.Directory uri, boolean create) {
    var directory = uri.path();
    var path = directory.resolve("ledger");
    try {
      return read(path);
    } catch (NoSuchFileException e) {
      if (!create) {
        throw new LogException.NoLedger(uri);
      }
    } catch (IOException e) {
      throw Disk.failed("open", path, e);
    }
    try {
      return create(directory, path);
    } catch (FileAlreadyExistsException | NotDirectoryException e) {
      throw new LogException.BadUri(directory + " is a file; a ledger is a directory");
    } catch (IOException e) {
      throw Disk.failed("create ledger", directory, e);
    }
  }

  private static String create(Path directory, Path path) throws IOException {
    Files.createDirectories(directory);
    try (var content = Files.list(directory)) {
      var other = content.filter(LedgerFile::foreign).findFirst();
      if (other.isPresent()) {
        if (Files.exists(path)) {
          return read(path);
        }
        throw new LogException.BadUri(
            directory
                + " is no ledger and not empty (it has "
                + other.get().getFileName()
                + "); give an empty or a new directory");
      }
    }
    var text = "kledger ledger " + VERSION + " " + UUID.randomUUID() + "\n";
    Disk.createWhole(path, text.getBytes(StandardCharsets.US_ASCII));
    return read(path);
  }

  private static boolean foreign(Path path) {
    var name = path.getFileName().toString();
    return !name.endsWith(".tmp") && !name.equals("lost+found");
  }

  private static String read(Path path) throws IOException {
    var text = new String(Files.readAllBytes(path), StandardCharsets.ISO_8859_1);
    var match = CONTENT.matcher(text);
    if (!match.matches()) {
      throw new LogException.Damaged(
          path.toString(),
          0,
          0,
          "this is not what makes a directory a ledger; restore the file from a copy");
    }
    if (!match.group(1).equals(VERSION)) {
      throw new LogException.Failed(
          "ledger "
              + path.getParent()
              + " has format version "
              + match.group(1)
              + "; this program knows version "
              + VERSION
              + "; use a newer kledger",
          null);
    }
    return match.group(2);
  }
}
