/** Extended attributes and access control lists: fs/xattr.c, fs/posix_acl.c. */
package io.kledger.engine.xattr;
