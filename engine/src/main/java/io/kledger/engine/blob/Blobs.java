package io.kledger.engine.blob;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Contents;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.watch.Events;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.Blob;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.mount.Superblock;

/** Rules of blobfs: staged files that nobody sees, sealed ones that nobody changes. */
public final class Blobs {
  private static final Bytes TYPE = Bytes.of("blobfs");

  private Blobs() {}

  /** Whether a superblock is a store. */
  public static boolean store(KernelState state, long superblock) {
    Superblock row = state.superblocks.get(superblock);
    return row != null && row.type().equals(TYPE);
  }

  /** Whether a name is a digest: 64 lowercase hex digits. */
  public static boolean isDigest(Bytes name) {
    return name.latin1().matches("[0-9a-f]{64}");
  }

  /** The blob of an inode, or null. */
  public static Blob of(KernelState state, Inode inode) {
    return inode == null ? null : state.blobs.get(inode.key());
  }

  public static boolean sealed(KernelState state, Inode inode) {
    Blob blob = of(state, inode);
    return blob != null && blob.state() == Blob.State.SEALED;
  }

  /** A new file that nobody sees yet; {@code digest} empty if it has no name to come. */
  public static void stage(CallContext context, Inode inode, Bytes digest) {
    context.put(
        Tables.BLOBS,
        new Blob(inode.key(), inode.superblock(), Blob.State.STAGED, digest, -1, 0, -1));
    tell(context, "blob.staged", digest, inode);
  }

  private static void tell(CallContext context, String type, Bytes digest, Inode inode) {
    context.notice(type, "digest", digest.latin1(), "size", Long.toString(inode.size()));
  }

  /** What is in the store already is sealed; {@code content} null: not known, and believed. */
  public static void found(CallContext context, Inode inode, Bytes name, Bytes content) {
    boolean damaged = content != null && !VerityDigest.of(content).equals(name);
    context.put(
        Tables.BLOBS,
        new Blob(
            inode.key(), inode.superblock(), Blob.State.SEALED, name, -1, 0, damaged ? 0 : -1));
  }

  /** ftruncate(2) of a blob; null if it is an ordinary one. */
  public static Result truncate(CallContext context, Inode inode, long size) {
    Blob blob = of(context.state(), inode);
    if (blob == null) {
      return null;
    }
    boolean named = !blob.digest().isEmpty();
    if (blob.state() != Blob.State.STAGED || named && blob.declared() >= 0) {
      return context.fail(Errno.EPERM, "F30.3 size is said once");
    }
    if (!named) {
      return null;
    }
    Contents.resize(context, inode, size);
    Inode sized = inode.withSize(size);
    context.put(Tables.INODES, sized);
    Blob declared = blob.withDeclared(size);
    context.put(Tables.BLOBS, declared);
    return size == 0 ? complete(context, sized, declared, 0) : Result.ZERO;
  }

  /** Whether a write is refused; null if not. */
  public static Result mayWrite(CallContext context, Inode inode, long offset, long count) {
    Blob blob = of(context.state(), inode);
    if (blob == null || blob.state() == Blob.State.STAGED && blob.digest().isEmpty()) {
      return null;
    }
    if (blob.state() != Blob.State.STAGED) {
      return context.fail(Errno.EPERM, "F30.4 sealed");
    }
    if (offset != blob.written()) {
      return context.fail(Errno.ESPIPE, "F30.3 not in order");
    }
    return offset + count > Math.max(0, blob.declared())
        ? context.fail(Errno.EFBIG, "F30.3 beyond the size")
        : null;
  }

  /** Bytes of a named blob arrived; the last ones seal it. Null: more are to come. */
  public static Result wrote(CallContext context, Inode before, long count) {
    KernelState state = context.state();
    Blob blob = of(state, before);
    if (blob == null || blob.digest().isEmpty()) {
      return null;
    }
    Blob now = blob.withWritten(blob.written() + count);
    context.put(Tables.BLOBS, now);
    return now.written() < now.declared()
        ? null
        : complete(context, state.inodes.require(before.key()), now, count);
  }

  private static Result complete(CallContext context, Inode inode, Blob blob, long count) {
    Bytes content = Contents.of(context.state(), inode);
    if (content == null) {
      return new Result.Unknown("what was written");
    }
    if (!VerityDigest.of(content).equals(blob.digest())) {
      context.put(Tables.BLOBS, blob.withState(Blob.State.REJECTED, blob.digest()));
      Contents.drop(context, inode.key());
      tell(context, "blob.rejected", blob.digest(), inode);
      return context.fail(Errno.EBADMSG, "F30.3 content is not that of the name");
    }
    return publish(context, inode, blob, blob.digest())
        ? Result.value(count)
        : context.fail(Errno.EEXIST, "F30.5 exists");
  }

  /** The file gets its name; false if there is one of that name already: this copy goes. */
  private static boolean publish(CallContext context, Inode inode, Blob blob, Bytes digest) {
    KernelState state = context.state();
    Superblock store = state.superblocks.require(blob.store());
    Dentry there = state.child(store.root(), digest);
    if (there != null && there.inode() != 0) {
      context.put(Tables.BLOBS, blob.withState(Blob.State.REJECTED, digest));
      tell(context, "blob.rejected", digest, inode);
      return false;
    }
    context.put(Tables.BLOBS, blob.withState(Blob.State.SEALED, digest));
    Dentry made = Dcache.link(context, store.root(), digest, inode.key());
    Events.of(context).created(made);
    tell(context, "blob.sealed", digest, inode);
    return true;
  }

  /** FS_IOC_ENABLE_VERITY on a staged file, behind its checks. */
  public static Result seal(CallContext context, Inode inode, Blob blob) {
    Bytes content = Contents.of(context.state(), inode);
    if (content == null) {
      return new Result.Unknown("what the file holds");
    }
    Bytes digest = VerityDigest.of(content);
    boolean other = !blob.digest().isEmpty() && !blob.digest().equals(digest);
    if (other) {
      return context.fail(Errno.EBADMSG, "F30.3 content is not that of the name");
    }
    return publish(context, inode, blob, digest)
        ? Result.ZERO
        : context.fail(Errno.EEXIST, "F30.5 exists");
  }

  /**
   * How many bytes of a read verify: all, those before the damaged block, or -1 if it begins there.
   */
  public static long verified(CallContext context, Inode inode, long from, long bytes) {
    Blob blob = of(context.state(), inode);
    if (blob == null || blob.corrupt() < 0 || bytes <= 0) {
      return bytes;
    }
    long start = blob.corrupt() * VerityDigest.BLOCK;
    long end = start + VerityDigest.BLOCK;
    if (from + bytes <= start || from >= end) {
      return bytes;
    }
    tell(context, "blob.corrupt", blob.digest(), inode);
    return from >= start ? -1 : start - from;
  }

  /** The inode is gone. */
  public static void drop(CallContext context, long inode) {
    Blob blob = context.state().blobs.get(inode);
    if (blob != null) {
      context.remove(Tables.BLOBS, inode);
      if (blob.state() == Blob.State.SEALED) {
        context.notice("blob.freed", "digest", blob.digest().latin1());
      }
    }
  }
}
