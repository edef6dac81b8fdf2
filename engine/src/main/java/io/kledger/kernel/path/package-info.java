/** How the kernel prints paths: fs/d_path.c. Reads state only. */
package io.kledger.kernel.path;
