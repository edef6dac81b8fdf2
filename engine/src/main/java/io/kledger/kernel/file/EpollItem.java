package io.kledger.kernel.file;

import io.kledger.store.Row;

/**
 * A file in the interest list of an epoll instance (struct epitem).
 *
 * @param epoll key of the instance's open file description
 * @param fd number that it was added under
 * @param file key of the open file description it is about
 * @param events EPOLL* bits asked for; 0 once EPOLLONESHOT has fired
 * @param data what epoll_wait(2) gives back, as written
 */
public record EpollItem(long key, long epoll, int fd, long file, long events, String data)
    implements Row {
  public EpollItem with(long newEvents, String newData) {
    return new EpollItem(key, epoll, fd, file, newEvents, newData);
  }
}
