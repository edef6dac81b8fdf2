package io.kledger.ingest.recording;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Which recordings there are. */
public final class RecordingFiles {
  private RecordingFiles() {}

  /** Whether a path is a recording: a directory with a trace, or a packed one. */
  public static boolean isRecording(Path path) {
    return path.toString().endsWith(".tar.gz") || RecordingArchive.isRecording(path);
  }

  /** The recording at a path, or those in the folder and its folders, by name. */
  public static List<Path> under(Path path) throws IOException {
    List<Path> found = new ArrayList<>();
    find(path, found);
    return found;
  }

  private static void find(Path path, List<Path> found) throws IOException {
    if (isRecording(path)) {
      found.add(path);
    } else if (Files.isDirectory(path)) {
      try (Stream<Path> entries = Files.list(path)) {
        for (Path entry : entries.sorted().toList()) {
          if (Files.isDirectory(entry) || isRecording(entry)) {
            find(entry, found);
          }
        }
      }
    }
  }
}
