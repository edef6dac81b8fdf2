package io.kledger.projection.http;

import io.kledger.projection.feed.Happening;
import io.kledger.view.Note;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Records as the kernel's own notification interfaces give them, little-endian, each after a header
 * of 16 bytes: {@code __u64 position; __u16 kind; __u16 reserved; __u32 len}, where len is that of
 * the record.
 *
 * <p>Kind 1 is struct fanotify_event_metadata with struct fanotify_event_info_mnt, as a group with
 * FAN_REPORT_MNT reads them (fanotify(7)); kind 2 is struct inotify_event (inotify(7)) for a lock;
 * kind 3 a checkpoint and kind 4 a gap, both without a record.
 */
final class NativeEncoding extends Encoding {
  static final int MOUNT = 1;
  static final int LOCK = 2;
  static final int CHECKPOINT = 3;
  static final int GAP = 4;

  static final long FAN_MNT_ATTACH = 0x01000000L;
  static final long FAN_MNT_DETACH = 0x02000000L;
  private static final int FAN_EVENT_METADATA_LEN = 24;
  private static final int FANOTIFY_METADATA_VERSION = 3;
  private static final int FAN_EVENT_INFO_TYPE_MNT = 7;
  private static final int FAN_EVENT_INFO_MNT_LEN = 16;
  private static final int FAN_NOFD = -1;

  /** The bits of the proposed inotify-flock feature, and two of our own beside them. */
  static final long IN_LOCK = 0x200000;

  static final long IN_UNLOCK = 0x400000;
  static final long LOCK_WAITS = 0x800000;
  static final long LOCK_GIVEN_UP = 0x10000;

  private Buffer out = Buffer.buffer();

  NativeEncoding(Wish wish) {
    super(wish);
  }

  @Override
  protected boolean changes(Happening happening, List<Note> notes) {
    boolean any = false;
    for (Note note : notes) {
      switch (note.type()) {
        case "mount.attach" -> mount(happening, note, FAN_MNT_ATTACH);
        case "mount.detach" -> mount(happening, note, FAN_MNT_DETACH);
        case "mount.move" -> mount(happening, note, FAN_MNT_ATTACH | FAN_MNT_DETACH);
        case "lock.acquire" -> lock(happening, note, IN_LOCK);
        case "lock.release" -> lock(happening, note, IN_UNLOCK);
        case "lock.convert" -> lock(happening, note, IN_LOCK | IN_UNLOCK);
        case "lock.block" -> lock(happening, note, LOCK_WAITS);
        case "lock.timeout" -> lock(happening, note, LOCK_GIVEN_UP);
        default -> {
          // What has no record in either interface.
          continue;
        }
      }
      any = true;
    }
    return any;
  }

  private void header(long position, int kind, int length) {
    out.appendLongLE(position);
    out.appendUnsignedShortLE(kind);
    out.appendUnsignedShortLE(0);
    out.appendUnsignedIntLE(length);
  }

  private void mount(Happening happening, Note note, long mask) {
    int length = FAN_EVENT_METADATA_LEN + FAN_EVENT_INFO_MNT_LEN;
    header(happening.position(), MOUNT, length);
    out.appendUnsignedIntLE(length);
    out.appendByte((byte) FANOTIFY_METADATA_VERSION);
    out.appendByte((byte) 0);
    out.appendUnsignedShortLE(FAN_EVENT_METADATA_LEN);
    out.appendLongLE(mask);
    out.appendIntLE(FAN_NOFD);
    out.appendIntLE(number(happening.pid()));
    out.appendByte((byte) FAN_EVENT_INFO_TYPE_MNT);
    out.appendByte((byte) 0);
    out.appendUnsignedShortLE(FAN_EVENT_INFO_MNT_LEN);
    out.appendIntLE(0);
    out.appendLongLE(note.mount());
  }

  private void lock(Happening happening, Note note, long mask) {
    byte[] name =
        note.keys()
            .getOrDefault("path", List.of(""))
            .getFirst()
            .getBytes(StandardCharsets.ISO_8859_1);
    int padded = (name.length / 16 + 1) * 16;
    header(happening.position(), LOCK, 16 + padded);
    out.appendIntLE(1);
    out.appendUnsignedIntLE(mask);
    out.appendIntLE(number(note.keys().getOrDefault("pid", List.of("0")).getFirst()));
    out.appendUnsignedIntLE(padded);
    out.appendBytes(name);
    out.appendBytes(new byte[padded - name.length]);
  }

  private static int number(String pid) {
    return pid == null || !pid.matches("-?[0-9]{1,9}") ? 0 : Integer.parseInt(pid);
  }

  @Override
  protected void gap(Happening happening) {
    header(happening.position(), GAP, 0);
  }

  @Override
  protected void place(long position) {
    header(position, CHECKPOINT, 0);
  }

  @Override
  void state(String family, String line) {
    throw new IllegalStateException("a state has no record");
  }

  @Override
  Frame heartbeat(long position) {
    header(position, CHECKPOINT, 0);
    return finished(position, position, 0);
  }

  @Override
  protected Frame finished(long to, long last, int count) {
    Frame frame = new Frame(to, last, count, null, out);
    out = Buffer.buffer();
    return frame;
  }
}
