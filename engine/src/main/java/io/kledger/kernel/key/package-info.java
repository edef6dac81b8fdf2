/** Keys and keyrings: struct key of include/linux/key.h. */
package io.kledger.kernel.key;
