/** Layers of overlayfs, and what its names are made of. */
package io.kledger.kernel.overlay;
