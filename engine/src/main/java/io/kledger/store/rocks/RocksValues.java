package io.kledger.store.rocks;

import io.kledger.store.ByteSink;
import io.kledger.store.KeyValues;
import io.kledger.store.StoreException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.rocksdb.AbstractNativeReference;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.IndexType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** Key values in a RocksDB directory: a column family each, one write-ahead log for all. */
final class RocksValues implements KeyValues {
  static {
    RocksDB.loadLibrary();
  }

  private final Path directory;
  private final boolean readOnly;
  private final RocksDB db;
  private final Map<Family, ColumnFamilyHandle> handles = new EnumMap<>(Family.class);
  private final List<AbstractNativeReference> owned = new ArrayList<>();
  private final Set<RocksView> views = Collections.newSetFromMap(new IdentityHashMap<>());
  private final WriteOptions writeOptions;
  private final Writes writes = new Writes();
  private boolean closed;

  RocksValues(Path directory, RocksOptions options) {
    this.directory = directory;
    this.readOnly = options.readOnly();
    Cache cache = own(new LRUCache(options.cacheBytes()));
    BloomFilter filter = own(new BloomFilter(10, false));
    List<ColumnFamilyDescriptor> families = new ArrayList<>();
    families.add(
        new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, own(new ColumnFamilyOptions())));
    for (Family family : Family.values()) {
      byte[] name = (family.number() + "-" + family.label()).getBytes(StandardCharsets.US_ASCII);
      families.add(new ColumnFamilyDescriptor(name, own(family(options, cache, filter))));
    }
    DBOptions dbOptions = own(database(options));
    writeOptions = own(new WriteOptions().setSync(options.sync()));
    List<ColumnFamilyHandle> opened = new ArrayList<>();
    try {
      db =
          readOnly
              ? RocksDB.openReadOnly(dbOptions, directory.toString(), families, opened)
              : RocksDB.open(dbOptions, directory.toString(), families, opened);
    } catch (RocksDBException e) {
      release();
      throw opening(e);
    }
    owned.add(opened.getFirst());
    for (Family family : Family.values()) {
      handles.put(family, opened.get(family.ordinal() + 1));
      owned.add(opened.get(family.ordinal() + 1));
    }
  }

  private static DBOptions database(RocksOptions options) {
    return new DBOptions()
        .setCreateIfMissing(!options.readOnly())
        .setCreateMissingColumnFamilies(!options.readOnly())
        // All files stay open: a reader beside a writer keeps what compaction deletes.
        .setMaxOpenFiles(-1)
        .setMaxBackgroundJobs(2)
        .setMaxTotalWalSize(options.bufferBytes() * 4)
        .setKeepLogFileNum(2)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setStatsDumpPeriodSec(0)
        .setSkipStatsUpdateOnDbOpen(true);
  }

  private static ColumnFamilyOptions family(RocksOptions options, Cache cache, BloomFilter filter) {
    BlockBasedTableConfig blocks =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setBlockSize(16 << 10)
            .setFilterPolicy(filter)
            .setWholeKeyFiltering(false)
            .setFormatVersion(6)
            .setIndexType(IndexType.kBinarySearch);
    return new ColumnFamilyOptions()
        .setTableFormatConfig(blocks)
        .setWriteBufferSize(options.bufferBytes())
        .setMaxWriteBufferNumber(3)
        .setLevelCompactionDynamicLevelBytes(true)
        .setCompressionType(CompressionType.LZ4_COMPRESSION)
        .setBottommostCompressionType(CompressionType.ZSTD_COMPRESSION);
  }

  @Override
  public synchronized View view() {
    requireOpen();
    RocksView view = new RocksView();
    views.add(view);
    return view;
  }

  @Override
  public Batch batch() {
    writes.batch.clear();
    return writes;
  }

  @Override
  public synchronized void write(Batch batch) {
    requireOpen();
    if (readOnly) {
      throw new StoreException.Unavailable("the state in " + directory + " is open for reading");
    }
    try {
      db.write(writeOptions, ((Writes) batch).batch);
    } catch (RocksDBException e) {
      throw failed("writing", e);
    }
  }

  @Override
  public boolean writable() {
    return !readOnly;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      List.copyOf(views).forEach(RocksView::close);
      closed = true;
      writes.batch.close();
      release();
    }
  }

  private <T extends AbstractNativeReference> T own(T reference) {
    owned.add(reference);
    return reference;
  }

  /** Handles before the database, options after it. */
  private void release() {
    List<AbstractNativeReference> options = new ArrayList<>();
    for (AbstractNativeReference reference : owned.reversed()) {
      if (reference instanceof ColumnFamilyHandle handle) {
        handle.close();
      } else {
        options.add(reference);
      }
    }
    if (db != null) {
      db.close();
    }
    options.forEach(AbstractNativeReference::close);
  }

  private void requireOpen() {
    if (closed) {
      throw new StoreException.Unavailable("the state in " + directory + " is closed");
    }
  }

  private StoreException opening(RocksDBException e) {
    return switch (e.getStatus() == null ? null : e.getStatus().getCode()) {
      case Corruption ->
          new StoreException.Damaged(
              "the state in "
                  + directory
                  + " is damaged ("
                  + e.getMessage()
                  + "); it is to be rebuilt from the log",
              e);
      case null, default -> failed("opening", e);
    };
  }

  private StoreException failed(String what, RocksDBException e) {
    String message = what + " the state in " + directory + " failed: " + e.getMessage();
    boolean damaged =
        e.getStatus() != null && e.getStatus().getCode() == org.rocksdb.Status.Code.Corruption;
    return damaged ? new StoreException.Damaged(message, e) : new StoreException.Failed(message, e);
  }

  private final class Writes implements Batch {
    private final WriteBatch batch = new WriteBatch();

    @Override
    public void put(Family family, ByteSink key, ByteSink value) {
      try {
        batch.put(handles.get(family), key.toArray(), value.toArray());
      } catch (RocksDBException e) {
        throw failed("writing", e);
      }
    }
  }

  /** Its iterators see one moment each; what they read was written once, so the moments agree. */
  private final class RocksView implements View {
    private final List<RocksWalk> walks = new ArrayList<>();
    private final ReadOptions readOptions = new ReadOptions();

    @Override
    public Walk walk(Family family) {
      synchronized (RocksValues.this) {
        requireOpen();
        RocksWalk walk = new RocksWalk(db.newIterator(handles.get(family), readOptions));
        walks.add(walk);
        return walk;
      }
    }

    @Override
    public void close() {
      synchronized (RocksValues.this) {
        if (views.remove(this)) {
          walks.forEach(RocksWalk::close);
          readOptions.close();
        }
      }
    }
  }

  /** Synchronized: closing the store from another thread must not pull an iterator away. */
  private final class RocksWalk implements Walk {
    private final RocksIterator iterator;

    RocksWalk(RocksIterator iterator) {
      this.iterator = iterator;
    }

    @Override
    public synchronized boolean seek(byte[] key) {
      check();
      iterator.seek(key);
      return there();
    }

    @Override
    public synchronized boolean floor(byte[] key) {
      check();
      iterator.seekForPrev(key);
      return there();
    }

    @Override
    public synchronized boolean next() {
      check();
      iterator.next();
      return there();
    }

    @Override
    public synchronized byte[] key() {
      check();
      return iterator.key();
    }

    @Override
    public synchronized byte[] value() {
      check();
      return iterator.value();
    }

    synchronized void close() {
      iterator.close();
    }

    private void check() {
      if (!iterator.isOwningHandle()) {
        throw new StoreException.Unavailable(
            "the view of the state in " + directory + " is closed");
      }
    }

    private boolean there() {
      if (iterator.isValid()) {
        return true;
      }
      try {
        iterator.status();
      } catch (RocksDBException e) {
        throw failed("reading", e);
      }
      return false;
    }
  }
}
