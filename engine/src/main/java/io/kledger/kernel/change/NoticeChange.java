package io.kledger.kernel.change;

import io.kledger.kernel.Notice;
import io.kledger.kernel.Tables;
import io.kledger.store.Row;
import io.kledger.store.TableId;
import java.util.List;

/** What happened without changing anything that has a row: worth a notification all the same. */
public sealed interface NoticeChange extends StateChange {
  /**
   * It happened.
   *
   * @param type of the notification: {@code security.deny}
   * @param keys names and values in turn
   */
  record Happened(Notice after, String type, List<String> keys) implements NoticeChange {
    public Happened {
      keys = List.copyOf(keys);
    }

    @Override
    public TableId<? extends Row> table() {
      return Tables.NOTICES;
    }

    @Override
    public long key() {
      return after.key();
    }
  }
}
