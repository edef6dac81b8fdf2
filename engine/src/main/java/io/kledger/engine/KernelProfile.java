package io.kledger.engine;

import io.kledger.kernel.Machine;
import java.util.EnumSet;
import java.util.Set;

/**
 * Which kernel the engine is: a release and its features. Derived from the {@link Machine} row, so
 * it is part of the state.
 */
public final class KernelProfile {
  /** Name of the profile that has every feature. */
  public static final String WISHLIST = "wishlist";

  /** Name of the profile of what is queued for the release after 7.3. */
  private static final String NEXT = "next";

  private final String name;
  private final int major;
  private final int minor;
  private final Set<KernelFeature> features;
  private final Set<KernelFeature> chosen;

  private KernelProfile(
      String name, int major, int minor, Set<KernelFeature> features, Set<KernelFeature> chosen) {
    this.name = name;
    this.major = major;
    this.minor = minor;
    this.features = features;
    this.chosen = chosen;
  }

  /** The profile of a machine. */
  public static KernelProfile of(Machine machine) {
    String name = machine.profile();
    boolean wishlist = name.equals(WISHLIST);
    int[] version = wishlist ? new int[] {7, 3} : version(name);
    EnumSet<KernelFeature> features = EnumSet.noneOf(KernelFeature.class);
    for (KernelFeature feature : KernelFeature.values()) {
      if (wishlist || feature.since() != null && !before(version, version(feature.since()))) {
        features.add(feature);
      }
    }
    EnumSet<KernelFeature> chosen = EnumSet.noneOf(KernelFeature.class);
    machine.featuresOn().forEach(slug -> chosen.add(known(slug)));
    features.addAll(chosen);
    machine.featuresOff().forEach(slug -> features.remove(known(slug)));
    return new KernelProfile(name, version[0], version[1], features, chosen);
  }

  public String name() {
    return name;
  }

  /** Whether it is the kernel that has what is only proposed. */
  public boolean wishlist() {
    return name.equals(WISHLIST);
  }

  /** Whether the kernel has a feature. */
  public boolean has(KernelFeature feature) {
    return features.contains(feature);
  }

  /**
   * Whether the kernel has what is only proposed of a feature of which released kernels have the
   * rest: the wishlist, or a kernel for which the feature was switched on by name.
   */
  public boolean proposes(KernelFeature feature) {
    return has(feature) && (wishlist() || chosen.contains(feature));
  }

  /** Whether the kernel is of this release or a later one; the wishlist is 7.3. */
  public boolean atLeast(int wantedMajor, int wantedMinor) {
    return major > wantedMajor || major == wantedMajor && minor >= wantedMinor;
  }

  private static KernelFeature known(String slug) {
    KernelFeature feature = KernelFeature.ofSlug(slug);
    if (feature == null) {
      throw new IllegalArgumentException("no kernel feature is called " + slug);
    }
    return feature;
  }

  private static boolean before(int[] a, int[] b) {
    return a[0] < b[0] || a[0] == b[0] && a[1] < b[1];
  }

  /** The first two numbers of a release name such as 6.18.44-generic. */
  static int[] version(String release) {
    if (release.equals(NEXT)) {
      return new int[] {7, 4};
    }
    int[] result = new int[2];
    int at = 0;
    for (int part = 0; part < 2; part++) {
      int start = at;
      while (at < release.length() && Character.isDigit(release.charAt(at)) && at - start < 6) {
        result[part] = result[part] * 10 + release.charAt(at++) - '0';
      }
      if (at == start) {
        throw new IllegalArgumentException(
            "kernel profile '" + release + "': expected 'wishlist' or a release such as 6.18");
      }
      if (at < release.length() && release.charAt(at) == '.') {
        at++;
      } else {
        break;
      }
    }
    return result;
  }
}
