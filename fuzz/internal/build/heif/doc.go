// Package heif writes HEIC files: boxes, items and properties (ISO/IEC 14496-12, 23008-12), and
// HEVC parameter sets that claim any size (H.265). The coded pictures come from the seeds.
package heif
