/** Who is told what happens to files: fs/notify/fsnotify.c, fs/notify/inotify. */
package io.kledger.engine.watch;
