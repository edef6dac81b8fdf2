package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.KernelFeature;
import io.kledger.engine.Result;
import io.kledger.engine.blob.Blobs;
import io.kledger.engine.block.Loops;
import io.kledger.engine.file.Access;
import io.kledger.engine.key.Keyrings;
import io.kledger.event.Bytes;
import io.kledger.event.avro.IoctlCall;
import io.kledger.event.avro.Raw;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.block.Blob;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.OpenFileDescription;
import io.kledger.kernel.key.Key;
import io.kledger.kernel.mount.Superblock;

/** FS_IOC_ENABLE_VERITY and FS_IOC_MEASURE_VERITY: fs/verity, as blobfs uses them. */
final class VerityIoctls {
  private static final int ENABLE = 0x40806685;
  private static final int MEASURE = 0xc0046686;
  private static final int BLOCK = 4096;
  private static final int MAX_SALT = 32;
  private static final String REQUIRE = "require_sig=";

  private VerityIoctls() {}

  /** Null if the request is none of these. */
  static Result ioctl(CallContext context, OpenFileDescription file, Inode inode, IoctlCall call) {
    int request = (int) call.getRequest();
    if (request != ENABLE && request != MEASURE) {
      return null;
    }
    if (!Blobs.store(context.state(), inode.superblock())) {
      int errno = context.profile().has(KernelFeature.BLOBFS) ? Errno.EOPNOTSUPP : Errno.ENOTTY;
      return context.fail(errno, "F30.5 no fs-verity");
    }
    return request == ENABLE ? enable(context, file, inode, call) : measure(context, inode, call);
  }

  private static Result enable(
      CallContext context, OpenFileDescription file, Inode inode, IoctlCall call) {
    RawStruct asked = RawStruct.of(call.getArgument());
    if (asked == null) {
      return context.fail(Errno.EFAULT, "F30.5 no struct fsverity_enable_arg");
    }
    long block = asked.number("block_size");
    if (asked.number("version") != 1 || Long.bitCount(block) != 1) {
      return context.fail(Errno.EINVAL, "F30.5 arguments");
    }
    if (asked.number("salt_size") > MAX_SALT) {
      return context.fail(Errno.EMSGSIZE, "F30.5 salt");
    }
    KernelState state = context.state();
    if (!Access.allowed(state, context.task().credentials(), inode, Access.WRITE)) {
      return context.fail(Errno.EACCES, "F30.5 permission");
    }
    if (!inode.regular()) {
      return context.fail(inode.directory() ? Errno.EISDIR : Errno.EINVAL, "F30.5 type");
    }
    if (Names.readOnly(state, file.place())) {
      return context.fail(Errno.EROFS, "F30.5 read-only");
    }
    if (Loops.writers(state, inode.key()) > 0) {
      return context.fail(Errno.ETXTBSY, "F30.5 writers");
    }
    Blob blob = Blobs.of(state, inode);
    if (blob == null || blob.state() != Blob.State.STAGED) {
      return context.fail(Errno.EEXIST, "F30.5 sealed");
    }
    boolean salted = asked.number("salt_size") != 0;
    if (asked.number("hash_algorithm") != 1 || block != BLOCK || salted) {
      return context.fail(Errno.EINVAL, "F30.5 not as the store has it");
    }
    int errno = signature(context, inode, asked);
    return errno != 0 ? context.fail(errno, "F30.5 signature") : Blobs.seal(context, inode, blob);
  }

  /** Where the store wants signatures: {@code sig="DESC"} names a declared one. */
  private static int signature(CallContext context, Inode inode, RawStruct asked) {
    KernelState state = context.state();
    Superblock store = state.superblocks.require(inode.superblock());
    for (String option : store.options().latin1().split(",")) {
      if (!option.startsWith(REQUIRE)) {
        continue;
      }
      Key keyring = Keyrings.named(context, Bytes.of(option.substring(REQUIRE.length())));
      Bytes name = asked.quoted("sig");
      Key signature =
          name == null
              ? null
              : Keyrings.search(state, Keyrings.session(context).key(), Keyrings.USER, name);
      if (keyring == null || name == null) {
        return Errno.ENOKEY;
      }
      if (signature == null) {
        return Errno.EBADMSG;
      }
      return Keyrings.vouches(state, keyring, signature.signers()) ? 0 : Errno.EKEYREJECTED;
    }
    return 0;
  }

  private static Result measure(CallContext context, Inode inode, IoctlCall call) {
    Blob blob = Blobs.of(context.state(), inode);
    if (blob == null || blob.state() != Blob.State.SEALED) {
      return context.fail(Errno.ENODATA, "F30 not sealed");
    }
    String text = "{digest_algorithm=1, digest_size=32, digest=" + blob.digest().latin1() + "}";
    Raw out = new Raw(Bytes.of(text).toBuffer());
    return Result.value(0, IoctlCall.newBuilder(call).setArgument(out).build());
  }
}
