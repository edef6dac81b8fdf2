/**
 * Tables of immutable rows, their indexes, codecs and digests, and the store that keeps rows as
 * they are and as they were. Has no counterpart in the kernel and knows nothing of what rows mean.
 */
package io.kledger.store;
