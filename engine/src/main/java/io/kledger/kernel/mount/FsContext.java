package io.kledger.kernel.mount;

import io.kledger.event.Bytes;
import io.kledger.kernel.file.Place;
import io.kledger.store.Row;
import java.util.ArrayList;
import java.util.List;

/**
 * A filesystem being configured (struct fs_context), behind a descriptor of fsopen(2) or fspick(2).
 *
 * @param type name of the filesystem type, with subtype
 * @param source null until it was given
 * @param options what fsconfig(2) set, in the syntax of mount data: comma separated
 * @param flags SB_* flags that were set, as MS_*
 * @param flagsMask SB_* flags that were named
 * @param superblock key of the superblock once there is one, else 0
 * @param layers of an overlay: where those of {@code options} are that are named one by one
 * @param log messages that read(2) gives, oldest first
 */
public record FsContext(
    long key,
    Phase phase,
    Bytes type,
    Bytes source,
    Bytes options,
    long flags,
    long flagsMask,
    long superblock,
    List<Place> layers,
    List<Bytes> log)
    implements Row {
  /** enum fs_context_phase. */
  public enum Phase {
    CREATE_PARAMS,
    AWAITING_MOUNT,
    /** Mounted, and clean: the next parameter begins a reconfiguration. */
    AWAITING_RECONF,
    RECONF_PARAMS,
    FAILED
  }

  public FsContext {
    layers = List.copyOf(layers);
    log = List.copyOf(log);
  }

  public FsContext withPhase(Phase newPhase) {
    return new FsContext(
        key, newPhase, type, source, options, flags, flagsMask, superblock, layers, log);
  }

  /** vfs_clean_context(): ready to be reconfigured. Which flags were asked for is not forgotten. */
  public FsContext cleaned() {
    return new FsContext(
        key,
        Phase.AWAITING_RECONF,
        type,
        null,
        Bytes.EMPTY,
        0,
        flagsMask,
        superblock,
        List.of(),
        log);
  }

  public FsContext withSource(Bytes newSource) {
    return new FsContext(
        key, phase, type, newSource, options, flags, flagsMask, superblock, layers, log);
  }

  public FsContext withFlags(long newFlags, long newMask) {
    return new FsContext(
        key, phase, type, source, options, newFlags, newMask, superblock, layers, log);
  }

  public FsContext withOptions(Bytes newOptions) {
    return new FsContext(
        key, phase, type, source, newOptions, flags, flagsMask, superblock, layers, log);
  }

  /** One more layer of an overlay. */
  public FsContext withLayer(Place layer) {
    List<Place> more = new ArrayList<>(layers);
    more.add(layer);
    return new FsContext(
        key, phase, type, source, options, flags, flagsMask, superblock, more, log);
  }

  public FsContext withSuperblock(long newSuperblock) {
    return new FsContext(
        key, phase, type, source, options, flags, flagsMask, newSuperblock, layers, log);
  }

  public FsContext withLog(List<Bytes> newLog) {
    return new FsContext(
        key, phase, type, source, options, flags, flagsMask, superblock, layers, newLog);
  }
}
