package io.kledger.view;

import io.kledger.kernel.KernelState;
import io.kledger.kernel.mount.Mount;
import io.kledger.kernel.mount.Superblock;
import io.kledger.kernel.overlay.OverlayLayer;
import java.util.ArrayList;
import java.util.List;

/** The layers of an overlay. */
public final class OverlayView {
  private OverlayView() {}

  /**
   * {@code upper PATH DEV}, {@code work PATH}, {@code lower N PATH DEV [data] [immutable]
   * [idmapped]}.
   */
  public static List<String> lines(KernelState state, long superblock) {
    List<String> lines = new ArrayList<>();
    List<String> lowers = new ArrayList<>();
    String work = null;
    for (long key : state.overlayLayersBySuperblock.keys(superblock)) {
      OverlayLayer layer = state.overlayLayers.require(key);
      String path = layer.path().latin1();
      if (layer.index() == OverlayLayer.WORK) {
        work = "work " + path;
      } else if (layer.index() == 0) {
        lines.add("upper " + path + " " + device(state, layer));
      } else {
        Mount mount = state.mounts.require(layer.mount());
        lowers.add(
            "lower %d %s %s%s%s%s"
                .formatted(
                    layer.index(),
                    path,
                    device(state, layer),
                    layer.data() ? " data" : "",
                    layer.immutable() ? " immutable" : "",
                    mount.idmap() != 0 ? " idmapped" : ""));
      }
    }
    if (work != null) {
      lines.add(work);
    }
    lines.addAll(lowers);
    return lines;
  }

  private static String device(KernelState state, OverlayLayer layer) {
    Superblock real = state.superblocks.require(state.mounts.require(layer.mount()).superblock());
    return real.major() + ":" + real.minor();
  }
}
