package io.kledger.kernel.change;

import io.kledger.store.Row;
import io.kledger.store.TableId;

/**
 * A fact about the state: what happened, why, and the row as it is afterwards. Applying it is
 * writing that row. What changes say is also the change feed, the notifications and the answers to
 * "why".
 */
public sealed interface StateChange
    permits Internal,
        TaskChange,
        FdChange,
        MountChange,
        NamespaceChange,
        LockChange,
        CgroupChange,
        BlockChange,
        NoticeChange {
  TableId<? extends Row> table();

  /** Key of the row. */
  long key();

  /** The row afterwards; null if it is gone. */
  Row after();
}
