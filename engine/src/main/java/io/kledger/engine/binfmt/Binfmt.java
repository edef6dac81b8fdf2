package io.kledger.engine.binfmt;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.ns.IdMap;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.binfmt.BinfmtEntry;
import io.kledger.kernel.binfmt.BinfmtInstance;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.FileContent;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.ns.Namespace;

/** Instances of binfmt_misc, one for each user namespace that mounted it. */
public final class Binfmt {
  public static final Bytes TYPE = Bytes.of("binfmt_misc");
  private static final Bytes REGISTER = Bytes.of("register");
  private static final Bytes STATUS = Bytes.of("status");

  private Binfmt() {}

  /**
   * bm_fill_super(): the instance is there from now on; its files belong to the namespace's root.
   */
  public static void mounted(CallContext context, Superblock superblock) {
    KernelState state = context.state();
    long userNs = superblock.userNs();
    if (state.binfmtInstances.get(userNs) == null) {
      context.put(Tables.BINFMT_INSTANCES, new BinfmtInstance(userNs, true));
    }
    Inode root = state.inodes.require(state.dentries.require(superblock.root()).inode());
    context.put(
        Tables.INODES,
        root.withOwner(
            IdMap.toKernel(state, userNs, 0, false), IdMap.toKernel(state, userNs, 0, true)));
    file(context, superblock, REGISTER, 0200);
    file(context, superblock, STATUS, 0644);
  }

  private static void file(CallContext context, Superblock superblock, Bytes name, int mode) {
    KernelState state = context.state();
    int uid = IdMap.toKernel(state, superblock.userNs(), 0, false);
    int gid = IdMap.toKernel(state, superblock.userNs(), 0, true);
    Dcache.createChild(
        context, superblock.root(), name, Dcache.Spec.of(Inode.S_IFREG | mode, uid, gid));
  }

  /** bm_put_super(): the entries go with the last mount; the instance stays. */
  public static void unmounted(CallContext context, Superblock superblock) {
    for (long key : context.state().binfmtByInstance.keys(superblock.userNs())) {
      context.remove(Tables.BINFMT_ENTRIES, key);
    }
  }

  /** The file of a binfmt_misc that is open, or null. */
  private static Dentry file(CallContext context, OpenFileDescription file) {
    KernelState state = context.state();
    Dentry dentry = state.dentries.get(file.place().dentry());
    Superblock superblock = dentry == null ? null : state.superblocks.get(dentry.superblock());
    boolean mine =
        superblock != null
            && superblock.type().equals(TYPE)
            && dentry.parent() == superblock.root()
            && state.binfmtInstances.get(superblock.userNs()) != null;
    return mine ? dentry : null;
  }

  /** A write to one of the files; null if it is none of them. */
  public static Result write(CallContext context, OpenFileDescription file, Bytes data) {
    if (!context.simulated()) {
      return null;
    }
    Dentry dentry = file(context, file);
    if (dentry == null) {
      return null;
    }
    Superblock superblock = context.state().superblocks.require(dentry.superblock());
    if (dentry.name().equals(REGISTER)) {
      return register(context, superblock, data);
    }
    String word = data.latin1().replaceFirst("\n$", "");
    boolean command = word.equals("0") || word.equals("1") || word.equals("-1");
    if (!command) {
      return context.fail(Errno.EINVAL, "F57 command");
    }
    if (dentry.name().equals(STATUS)) {
      status(context, superblock, word);
    } else {
      entry(context, superblock, dentry, word);
    }
    return Result.value(data.length());
  }

  /** bm_status_read(), bm_entry_read(); null if it is none of the files that can be read. */
  public static Bytes read(CallContext context, OpenFileDescription file) {
    Dentry dentry = file(context, file);
    if (dentry == null || dentry.name().equals(REGISTER)) {
      return null;
    }
    KernelState state = context.state();
    long userNs = state.superblocks.require(dentry.superblock()).userNs();
    if (dentry.name().equals(STATUS)) {
      return Bytes.of(state.binfmtInstances.require(userNs).enabled() ? "enabled\n" : "disabled\n");
    }
    for (long key : state.binfmtByInstance.keys(userNs)) {
      BinfmtEntry entry = state.binfmtEntries.require(key);
      if (entry.name().equals(dentry.name())) {
        return text(entry);
      }
    }
    return null;
  }

  /** entry_status(). */
  private static Bytes text(BinfmtEntry entry) {
    StringBuilder text = new StringBuilder(entry.enabled() ? "enabled\n" : "disabled\n");
    text.append("interpreter ").append(entry.interpreter().latin1()).append("\nflags: ");
    for (char flag : new char[] {'P', 'O', 'C', 'F'}) {
      boolean implied = flag == 'O' && entry.flags().indexOf('C') >= 0;
      text.append(implied || entry.flags().indexOf(flag) >= 0 ? String.valueOf(flag) : "");
    }
    text.append('\n');
    if (entry.byExtension()) {
      text.append("extension .").append(entry.magic().latin1()).append('\n');
    } else {
      text.append("offset ").append(entry.offset()).append("\nmagic ").append(hex(entry.magic()));
      text.append(entry.mask().isEmpty() ? "" : "\nmask " + hex(entry.mask())).append('\n');
    }
    return Bytes.wrap(text.toString().getBytes(java.nio.charset.StandardCharsets.ISO_8859_1));
  }

  private static String hex(Bytes bytes) {
    return java.util.HexFormat.of().formatHex(bytes.toArray());
  }

  /** Names there come and go by registering only: the directory has no inode operations. */
  public static boolean holds(KernelState state, Dentry directory) {
    Superblock superblock = state.superblocks.get(directory.superblock());
    return superblock != null
        && superblock.type().equals(TYPE)
        && superblock.root() == directory.key();
  }

  private static Result register(CallContext context, Superblock superblock, Bytes data) {
    Registration asked = Registration.parse(data);
    if (asked == null) {
      return context.fail(Errno.EINVAL, "F57 format");
    }
    Dentry old = context.state().child(superblock.root(), asked.name());
    if (old != null && old.inode() != 0 && !old.deleted()) {
      return context.fail(Errno.EEXIST, "F57 name");
    }
    Place opened = Place.UNKNOWN;
    if (asked.flags().contains("F")) {
      PathWalk.Walk walk = interpreter(context, asked.interpreter());
      if (!(walk instanceof PathWalk.Found found)) {
        return context.fail(Errno.ENOENT, "F57 interpreter");
      }
      opened = found.place();
    }
    file(context, superblock, asked.name(), 0644);
    context.put(
        Tables.BINFMT_ENTRIES,
        new BinfmtEntry(
            context.newKey(),
            superblock.userNs(),
            asked.name(),
            asked.byExtension(),
            asked.magic(),
            asked.mask(),
            asked.offset(),
            asked.interpreter(),
            asked.flags(),
            opened,
            true));
    context.notice("binfmt.register", "name", asked.name().latin1());
    return Result.value(data.length());
  }

  private static PathWalk.Walk interpreter(CallContext context, Bytes path) {
    return PathWalk.walk(context, null, new Text(path.toBuffer(), false, null), PathWalk.FOLLOW);
  }

  private static void status(CallContext context, Superblock superblock, String word) {
    KernelState state = context.state();
    if (word.equals("-1")) {
      for (long key : state.binfmtByInstance.keys(superblock.userNs())) {
        remove(context, superblock, state.binfmtEntries.require(key));
      }
      return;
    }
    context.put(Tables.BINFMT_INSTANCES, new BinfmtInstance(superblock.userNs(), word.equals("1")));
    context.notice("binfmt.enable", "name", "status", "value", word);
  }

  private static void entry(
      CallContext context, Superblock superblock, Dentry dentry, String word) {
    KernelState state = context.state();
    for (long key : state.binfmtByInstance.keys(superblock.userNs())) {
      BinfmtEntry entry = state.binfmtEntries.require(key);
      if (!entry.name().equals(dentry.name())) {
        continue;
      }
      if (word.equals("-1")) {
        remove(context, superblock, entry);
      } else {
        context.put(Tables.BINFMT_ENTRIES, entry.withEnabled(word.equals("1")));
        context.notice("binfmt.enable", "name", entry.name().latin1(), "value", word);
      }
    }
  }

  private static void remove(CallContext context, Superblock superblock, BinfmtEntry entry) {
    context.remove(Tables.BINFMT_ENTRIES, entry.key());
    Dentry dentry = context.state().child(superblock.root(), entry.name());
    if (dentry != null) {
      Dcache.unlink(context, dentry);
    }
    context.notice("binfmt.remove", "name", entry.name().latin1());
  }

  /**
   * load_binfmt_misc(): the interpreter for a file. The first user namespace upwards that ever had
   * an instance decides, alone.
   *
   * @param name by which the file is run
   * @return null if no format fits
   */
  public static BinfmtEntry find(CallContext context, Bytes name, Inode inode) {
    KernelState state = context.state();
    if (state.binfmtInstances.size() == 0) {
      return null;
    }
    Namespace at = state.namespaces.get(context.task().credentials().userNs());
    while (at != null && state.binfmtInstances.get(at.key()) == null) {
      at = at.level() == 0 ? null : state.namespaces.get(at.parent());
    }
    BinfmtInstance instance = at == null ? null : state.binfmtInstances.get(at.key());
    if (instance == null || !instance.enabled()) {
      return null;
    }
    BinfmtEntry last = null;
    for (long key : state.binfmtByInstance.keys(instance.key())) {
      BinfmtEntry entry = state.binfmtEntries.require(key);
      // The newest comes first in the kernel's list.
      last = entry.enabled() && fits(state, entry, name, inode) ? entry : last;
    }
    return last;
  }

  private static boolean fits(KernelState state, BinfmtEntry entry, Bytes name, Inode inode) {
    if (entry.byExtension()) {
      String text = name.latin1();
      int dot = text.lastIndexOf('.');
      return dot >= 0 && text.substring(dot + 1).equals(entry.magic().latin1());
    }
    FileContent content = state.contents.get(inode.key());
    if (content == null || content.data().length() < entry.offset() + entry.magic().length()) {
      return false;
    }
    for (int i = 0; i < entry.magic().length(); i++) {
      int mask = entry.mask().isEmpty() ? 0xff : entry.mask().at(i) & 0xff;
      int difference = content.data().at(entry.offset() + i) ^ entry.magic().at(i);
      if ((difference & mask) != 0) {
        return false;
      }
    }
    return true;
  }
}
