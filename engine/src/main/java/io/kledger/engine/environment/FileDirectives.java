package io.kledger.engine.environment;

import io.kledger.engine.CallContext;
import io.kledger.engine.file.Contents;
import io.kledger.engine.file.Dcache;
import io.kledger.engine.file.SlowClose;
import io.kledger.event.Bytes;
import io.kledger.event.avro.Environment;
import io.kledger.kernel.Tables;
import io.kledger.kernel.file.FileContent;
import io.kledger.kernel.file.Inode;
import io.kledger.kernel.file.Place;

/** `@dir @file @symlink @node`: what exists already. */
final class FileDirectives {
  private FileDirectives() {}

  static void dir(CallContext context, Environment body) {
    make(context, new Words(body), Inode.S_IFDIR, 0755, 0, 0, Bytes.EMPTY);
  }

  static void file(CallContext context, Environment body) {
    Words words = new Words(body);
    Place place = make(context, words, Inode.S_IFREG, 0644, 0, 0, Bytes.EMPTY);
    Inode inode = inode(context, place);
    Bytes content = words.value("content");
    long size = content != null ? content.length() : Long.parseLong(words.text("size", "0"));
    context.put(Tables.INODES, inode.withSize(size));
    if (content != null) {
      Contents.set(context, inode.key(), content);
    } else if (context.state().contents.get(inode.key()) == null) {
      // A declared file without content is a program once it has an x bit.
      context.put(Tables.CONTENTS, new FileContent(inode.key(), Bytes.EMPTY));
    }
  }

  static void symlink(CallContext context, Environment body) {
    Words words = new Words(body);
    Place place = make(context, words, Inode.S_IFLNK, 0777, 0, 0, words.bytes(1));
    context.put(Tables.INODES, inode(context, place).withSize(words.bytes(1).length()));
  }

  static void node(CallContext context, Environment body) {
    Words words = new Words(body);
    String kind = words.word(1);
    int type =
        switch (kind) {
          case "c" -> Inode.S_IFCHR;
          case "b" -> Inode.S_IFBLK;
          case "p" -> Inode.S_IFIFO;
          default -> Inode.S_IFSOCK;
        };
    int mode = type == Inode.S_IFCHR ? 0666 : type == Inode.S_IFBLK ? 0660 : 0644;
    String device = words.has(2) ? words.word(2) : "0:0";
    int colon = device.indexOf(':');
    make(
        context,
        words,
        type,
        mode,
        Integer.parseInt(device.substring(0, colon)),
        Integer.parseInt(device.substring(colon + 1)),
        Bytes.EMPTY);
  }

  /** `@slow PATH on|off`: I/O of the filesystem does not answer, or answers again. */
  static void slow(CallContext context, Environment body) {
    Words words = new Words(body);
    Place place = Paths.find(context, Paths.root(context), words.bytes(0));
    if (!place.known()) {
      throw new DirectiveException("no such path: " + words.word(0));
    }
    long superblock = context.state().dentries.require(place.dentry()).superblock();
    switch (words.word(1)) {
      case "on" -> SlowClose.stalls(context, superblock);
      case "off" -> SlowClose.answers(context, superblock);
      default -> throw new DirectiveException("on or off, not " + words.word(1));
    }
  }

  private static Place make(
      CallContext context, Words words, int type, int mode, int major, int minor, Bytes target) {
    int bits = words.octal("mode", mode);
    Dcache.Spec spec =
        new Dcache.Spec(
            type | bits, words.number("uid", 0), words.number("gid", 0), major, minor, target);
    Place place = Paths.make(context, Paths.root(context), words.bytes(0), spec);
    Inode inode = inode(context, place);
    if (inode.mode() != spec.mode() || inode.uid() != spec.uid() || inode.gid() != spec.gid()) {
      context.put(Tables.INODES, inode.withMode(spec.mode()).withOwner(spec.uid(), spec.gid()));
    }
    return place;
  }

  private static Inode inode(CallContext context, Place place) {
    return context.state().inodes.require(context.state().dentries.require(place.dentry()).inode());
  }
}
