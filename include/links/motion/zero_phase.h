#pragma once

#include <vector>

namespace links {

/// A signal without what is faster than a cutoff, and without delay: the 2nd-order Butterworth low-pass run
/// forward and backward (amplitude 1/2 at the cutoff, as scipy's filtfilt of butter(2, cutoff) gives), in the
/// form that knows of weights, gaps and ends. With A the average over (1, 2, 1) / 4 and D the second
/// difference (1, -2, 1) / 4 the result is A s with the s that minimises
///
///   sum w (y - A s)^2 + |D s|^2 / tan^4(pi cutoff),
///
/// whose response is 1 / (1 + (tan(w/2) / tan(pi cutoff))^4) where the weights are equal. Samples of weight 0
/// are bridged by what bends least; a constant stays the same to the bit.
///
/// values, weights: one a sample, equally spaced; cutoff: cycles a sample, above 0 and below 1/2. Returns
/// `values` where fewer than two weights are above 0.
std::vector<double> SmoothZeroPhase(const std::vector<double>& values, const std::vector<double>& weights,
                                    double cutoff);

/// The same for signals that share their weights: values[k] is the k-th one.
std::vector<std::vector<double>> SmoothZeroPhase(const std::vector<std::vector<double>>& values,
                                                 const std::vector<double>& weights, double cutoff);

}  // namespace links
