package io.kledger.engine.block;

import io.kledger.engine.CallContext;
import io.kledger.event.Bytes;
import io.kledger.kernel.KernelState;
import io.kledger.kernel.Tables;
import io.kledger.kernel.block.BlockDevice;
import io.kledger.kernel.block.BlockHandle;
import io.kledger.kernel.block.MappedDevice;
import io.kledger.kernel.block.MappedTable;
import io.kledger.kernel.change.BlockChange;

/** Device-mapper devices and their tables: drivers/md/dm.c, dm-ioctl.c behind its checks. */
public final class Mapper {
  private static final int MAJOR = 253;
  private static final long SECTOR = 512;

  private Mapper() {}

  /** The device of a name, or of a uuid where the name is empty; null if there is none. */
  public static MappedDevice find(KernelState state, Bytes name, Bytes uuid) {
    for (MappedDevice device : state.mappedDevices.rows()) {
      boolean named = name != null && !name.isEmpty();
      if (named
          ? device.name().equals(name)
          : uuid != null && !uuid.isEmpty() && device.uuid().equals(uuid)) {
        return device;
      }
    }
    return null;
  }

  /** dev_create(): a device without a table. */
  public static void create(CallContext context, Bytes name, Bytes uuid) {
    int minor = 0;
    while (BlockDevices.of(context.state(), MAJOR, minor) != null) {
      minor++;
    }
    BlockDevice device =
        new BlockDevice(
            context.newKey(),
            MAJOR,
            minor,
            Bytes.of("/dev/dm-" + minor),
            BlockDevice.Kind.MAPPED,
            minor,
            0,
            BlockDevices.nextDiskseq(context),
            false,
            false,
            0,
            0);
    context.put(Tables.BLOCK_DEVICES, device);
    context.put(
        Tables.MAPPED_DEVICES, new MappedDevice(device.key(), name, uuid, 0, 0, true, false));
    SysBlock.added(context, device);
    BlockDevices.tell(context, BlockChange.What.ADD, device);
  }

  /** Whether somebody outside device-mapper claims a device: all of device-mapper is one holder. */
  public static boolean claimed(KernelState state, BlockDevice device) {
    BlockHandle other = BlockHandles.claimant(state, device, 0);
    return other != null && other.holder() != BlockHandle.Holder.MAPPED;
  }

  /** table_load(): fills the inactive slot. */
  public static void load(
      CallContext context, MappedDevice device, MappedTable table, BlockDevice hash) {
    KernelState state = context.state();
    BlockDevice data = state.blockDevices.require(table.data());
    context.put(Tables.MAPPED_TABLES, table);
    BlockHandles.open(
        context, table.key(), data, BlockHandle.Holder.MAPPED, true, !table.readOnly());
    if (table.hashHolder() != 0) {
      BlockHandles.open(context, table.hashHolder(), hash, BlockHandle.Holder.MAPPED, true, false);
    }
    drop(context, device.inactive());
    context.put(Tables.MAPPED_DEVICES, device.withTables(device.live(), table.key()));
  }

  /** dm_swap_table(), dm_resume(): the loaded table comes into use. */
  public static void resume(CallContext context, MappedDevice device) {
    KernelState state = context.state();
    MappedDevice now = device.withSuspended(false);
    BlockDevice block = state.blockDevices.require(device.key());
    if (device.inactive() != 0) {
      drop(context, device.live());
      now = now.withTables(device.inactive(), 0);
      MappedTable table = state.mappedTables.require(now.live());
      block = block.withSize(table.sectors() * SECTOR).withReadOnly(table.readOnly());
      BlockDevices.put(context, block);
    }
    context.put(Tables.MAPPED_DEVICES, now);
    BlockDevices.tell(context, BlockChange.What.CHANGE, block);
  }

  /** table_clear(). */
  public static void clear(CallContext context, MappedDevice device) {
    drop(context, device.inactive());
    context.put(Tables.MAPPED_DEVICES, device.withTables(device.live(), 0));
  }

  private static void drop(CallContext context, long key) {
    MappedTable table = key == 0 ? null : context.state().mappedTables.get(key);
    if (table != null) {
      context.remove(Tables.MAPPED_TABLES, key);
      BlockHandles.release(context, key);
      BlockHandles.release(context, table.hashHolder());
    }
  }

  /** dev_remove(): nobody has it open. */
  public static void remove(CallContext context, MappedDevice device) {
    drop(context, device.inactive());
    drop(context, device.live());
    BlockDevice block = context.state().blockDevices.require(device.key());
    context.remove(Tables.MAPPED_DEVICES, device.key());
    SysBlock.removed(context, block);
    context.emit(new BlockChange.Removed(block));
  }
}
