/** Binary formats that interpreters handle: binfmt_misc. */
package io.kledger.kernel.binfmt;
