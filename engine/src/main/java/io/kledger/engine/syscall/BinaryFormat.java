package io.kledger.engine.syscall;

import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.FileContent;
import io.kledger.kernel.file.Inode;

/** What kind of program a file is: search_binary_handler(), load_script(). */
final class BinaryFormat {
  /** BINPRM_BUF_SIZE. */
  private static final int LOOKED_AT = 256;

  private static final Bytes ELF = Bytes.of(new byte[] {0x7f, 'E', 'L', 'F'});
  private static final Bytes SCRIPT = Bytes.of("#!");

  private BinaryFormat() {}

  /** A kind of file. */
  sealed interface Kind {}

  /** The kernel loads it. */
  record Program() implements Kind {}

  /** The kernel loads this instead. */
  record Script(Bytes interpreter) implements Kind {}

  /** No format knows it. */
  record Unrecognised() implements Kind {}

  /** A file whose content is not known is taken for a program; so is a declared one without any. */
  static Kind of(KernelState state, Inode inode) {
    FileContent row = state.contents.get(inode.key());
    if (row == null) {
      return inode.size() == 0 && !inode.inferred() ? new Unrecognised() : new Program();
    }
    Bytes data = row.data();
    if (data.isEmpty() || data.startsWith(ELF)) {
      return new Program();
    }
    return data.startsWith(SCRIPT) ? script(data) : new Unrecognised();
  }

  private static Kind script(Bytes data) {
    int end = Math.min(data.length(), LOOKED_AT);
    boolean whole = data.length() < LOOKED_AT;
    int from = 2;
    while (from < end && blank(data.at(from))) {
      from++;
    }
    int to = from;
    while (to < end && !blank(data.at(to)) && data.at(to) != '\n' && data.at(to) != 0) {
      to++;
    }
    // A name that goes on behind what was looked at may be cut.
    boolean cut = to == end && !whole;
    return to == from || cut ? new Unrecognised() : new Script(data.slice(from, to));
  }

  private static boolean blank(int c) {
    return c == ' ' || c == '\t';
  }
}
