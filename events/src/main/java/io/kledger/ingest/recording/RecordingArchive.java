package io.kledger.ingest.recording;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * A recording: {@code trace.strace} or {@code audit.log}, how it was made, and snapshots of the
 * kernel's state between its lines. Opened from a {@code .tar.gz} or from a directory with the same
 * files.
 */
public final class RecordingArchive {
  /** Files of an archive together may not be larger. */
  public static final long DEFAULT_LIMIT = 1L << 30;

  private static final String TRACE = "trace.strace";
  private static final String AUDIT = "audit.log";

  private final String name;
  private final SortedMap<String, byte[]> files;

  private RecordingArchive(String name, SortedMap<String, byte[]> files) {
    this.name = name;
    this.files = files;
  }

  /** Opens a {@code .tar.gz} or an unpacked directory. */
  public static RecordingArchive open(Path path) throws IOException {
    return open(path, DEFAULT_LIMIT);
  }

  /** Opens a recording whose files together are not larger than {@code limit} bytes. */
  public static RecordingArchive open(Path path, long limit) throws IOException {
    if (Files.isDirectory(path)) {
      return new RecordingArchive(
          path.toRealPath().getFileName().toString(), directory(path, limit));
    }
    try (InputStream file = new BufferedInputStream(Files.newInputStream(path));
        InputStream plain = new GZIPInputStream(file, 1 << 16)) {
      return archive(path, new TarReader(plain, limit).readAll());
    }
  }

  private static RecordingArchive archive(Path path, SortedMap<String, byte[]> entries)
      throws IOException {
    String trace = null;
    for (String entry : entries.keySet()) {
      if (isTrace(entry.substring(entry.lastIndexOf('/') + 1))) {
        trace = entry;
        break;
      }
    }
    if (trace == null) {
      throw new IOException(path + " has neither " + TRACE + " nor " + AUDIT);
    }
    String root = trace.substring(0, trace.lastIndexOf('/') + 1);
    SortedMap<String, byte[]> files = new TreeMap<>();
    entries.forEach(
        (entry, data) -> {
          if (entry.startsWith(root)) {
            files.put(entry.substring(root.length()), data);
          }
        });
    String file = path.getFileName().toString();
    String name = file.endsWith(".tar.gz") ? file.substring(0, file.length() - 7) : file;
    return new RecordingArchive(name, files);
  }

  private static SortedMap<String, byte[]> directory(Path root, long limit) throws IOException {
    SortedMap<String, byte[]> files = new TreeMap<>();
    long total = 0;
    List<Path> paths;
    try (Stream<Path> walk = Files.walk(root)) {
      paths = walk.filter(Files::isRegularFile).toList();
    }
    for (Path path : paths) {
      total += Files.size(path);
      if (total > limit) {
        throw new IOException(root + ": more than " + limit + " bytes of files");
      }
      files.put(root.relativize(path).toString().replace('\\', '/'), Files.readAllBytes(path));
    }
    if (!files.containsKey(TRACE) && !files.containsKey(AUDIT)) {
      throw new IOException(root + " has neither " + TRACE + " nor " + AUDIT);
    }
    return files;
  }

  /** The name of the recording: that of its archive or directory. */
  public String name() {
    return name;
  }

  /** Paths of all files, relative to the recording, sorted. */
  public List<String> files() {
    return List.copyOf(files.keySet());
  }

  /** Whether the recording has this file. */
  public boolean has(String path) {
    return files.containsKey(path);
  }

  /** The content of a file; its path is relative to the recording. */
  public byte[] read(String path) throws IOException {
    byte[] data = files.get(path);
    if (data == null) {
      throw new NoSuchFileException(name + "/" + path);
    }
    return data.clone();
  }

  private static boolean isTrace(String file) {
    return file.equals(TRACE) || file.equals(AUDIT);
  }

  /** Whether a directory is a recording. */
  public static boolean isRecording(Path directory) {
    return Files.exists(directory.resolve(TRACE)) || Files.exists(directory.resolve(AUDIT));
  }

  /** Whether it was recorded by the audit subsystem instead of strace. */
  public boolean audit() {
    return !files.containsKey(TRACE);
  }

  /** The strace text, or the audit log. */
  public InputStream trace() {
    return new ByteArrayInputStream(files.get(audit() ? AUDIT : TRACE));
  }

  /**
   * The mounts before an audit log began: the text that was taken first by its number 0, else the
   * last one, taken when the workload had undone what it did. Null if there is none.
   */
  public String mountsBefore() {
    String last = null;
    for (String file : files.keySet()) {
      if (file.equals("mountinfo.0")) {
        return file;
      }
      last = file.matches("mountinfo\\.\\d+") ? file : last;
    }
    return last;
  }

  /** What was recorded on which kernel with which tracer. */
  public Recorder recorder() throws IOException {
    List<String> lines = lines("kernel");
    return new Recorder(line(lines, 0), line(lines, 1), line(lines, 2), line(lines, 3));
  }

  /** The recorded command, one argument an element. */
  public List<String> command() throws IOException {
    return lines("command");
  }

  /** How the command ended, as {@code exit N}. */
  public String status() throws IOException {
    return line(lines("status"), 0);
  }

  /** The snapshots in the order of their numbers. */
  public List<SnapshotFiles> snapshots() throws IOException {
    SortedMap<String, SortedMap<String, byte[]>> byNumber = new TreeMap<>();
    files
        .tailMap("snapshots/")
        .forEach(
            (path, data) -> {
              String[] parts = path.split("/", 3);
              if (parts.length == 3 && parts[0].equals("snapshots")) {
                byNumber.computeIfAbsent(parts[1], n -> new TreeMap<>()).put(parts[2], data);
              }
            });
    List<SnapshotFiles> snapshots = new ArrayList<>();
    for (Map.Entry<String, SortedMap<String, byte[]>> entry : byNumber.entrySet()) {
      snapshots.add(
          SnapshotFiles.of(entry.getKey(), Collections.unmodifiableSortedMap(entry.getValue())));
    }
    return snapshots;
  }

  /** Lines of a small text file, without line ends. */
  public List<String> lines(String path) throws IOException {
    return new String(read(path), StandardCharsets.UTF_8).lines().toList();
  }

  private static String line(List<String> lines, int index) {
    return index < lines.size() ? lines.get(index) : "";
  }

  /**
   * The file {@code kernel}: release and machine as uname prints them, strace version and flags.
   */
  public record Recorder(String release, String machine, String tracer, String flags) {}
}
