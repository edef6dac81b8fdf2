package io.kledger.engine.syscall;

import io.kledger.abi.Errno;
import io.kledger.engine.CallContext;
import io.kledger.engine.Result;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.FilePut;
import io.kledger.engine.file.Lookup;
import io.kledger.engine.file.PathWalk;
import io.kledger.engine.mount.Mountpoints;
import io.kledger.engine.watch.Events;
import io.kledger.event.avro.Fd;
import io.kledger.event.avro.Text;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.file.Dentry;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;
import io.kledger.kernel.path.PathText;

/** Proposed: AT_LINK_REPLACE of linkat(2), a name changes its inode in one step. */
final class LinkReplace {
  private LinkReplace() {}

  /** What stands at the new name, or why the call cannot go on; all null: nothing is there. */
  record Target(PathWalk.Parent parent, Dentry victim, Result refused) {}

  /** Looks the new name up; a free one is plain linkat's business. */
  static Target target(CallContext context, Fd dirfd, Text path) {
    if (!(PathWalk.parent(context, dirfd, path) instanceof PathWalk.Parent parent)
        || parent.last() != PathWalk.Last.NORM) {
      return new Target(null, null, null);
    }
    Place at = parent.directory();
    return Lookup.of(context, at.dentry(), parent.name()) instanceof Lookup.Present present
        ? new Target(parent, present.dentry(), null)
        : new Target(null, null, null);
  }

  /** Replaces what the name stands for; the source has passed all of linkat's checks. */
  static Result replace(CallContext context, Target target, Inode source) {
    KernelState state = context.state();
    Dentry victim = target.victim();
    Inode old = state.inodes.get(victim.inode());
    Result refused = Names.mayDelete(context, target.parent().directory(), victim, null);
    if (refused != null) {
      return refused;
    }
    if (old != null && old.directory() && context.refuse("F04 a directory")) {
      return context.fail(Errno.EISDIR, "F04 a directory");
    }
    if (target.parent().trailingSlash() && context.refuse("F04 trailing slash")) {
      return context.fail(Errno.ENOTDIR, "F04 trailing slash");
    }
    if (Mountpoints.local(context, victim.key()) && context.refuse("F04 mount point")) {
      return context.fail(Errno.EBUSY, "F04 mount point");
    }
    if (victim.inode() == source.key()) {
      return Result.ZERO;
    }
    Place directory = target.parent().directory();
    Events events = Events.of(context);
    Dcache.unlink(context, victim);
    Mountpoints.detach(context, victim.key());
    Dentry made = Dcache.link(context, directory.dentry(), target.parent().name(), source.key());
    events.linked(source, made);
    events.unlinked(victim.inode());
    FilePut.dropInode(context, victim.inode());
    Place place = new Place(directory.mount(), made.key());
    context.notice("file.replace", "path", PathText.fromTop(state, place).latin1());
    return Result.ZERO;
  }
}
