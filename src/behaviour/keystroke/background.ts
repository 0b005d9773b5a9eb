/** How anybody types a feature, as far as the people known here show it. */
export interface Background {
  /** Probability of each latency cell; sums to 1. The array is shared: read only. */
  density(feature: string): Float64Array;
}
