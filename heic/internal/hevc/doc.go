// Package hevc proves that the HEVC stream of a still picture is whole, and hands
// what it reads to package recon where pixels are asked for.
//
// It reads the parameter sets and the slice segments of one intra picture, and
// walks the entropy coding (CABAC) of every coding tree unit to the last bit:
// a decoder that follows the standard can decode what it accepts in full. For
// the verdict no sample is predicted, transformed or filtered.
//
// What it decides: ITU-T H.265 v10 (07/2024), one access unit of intra slices,
// profiles Main, Main 10, Main Still Picture and the format range extensions
// (4:0:0 to 4:4:4, depths 8, 10 and 12). What it does not: P and B slices,
// screen content coding, multilayer, 3D and separate colour planes are refused
// as Unsupported; SEI messages are not read, but for their end where it may be cut; the file around the stream is the
// caller's matter, and so is the limit on pixels, which must be checked against
// [SPS] before [ParameterSets.Picture] is called.
//
// What it costs: one pass, time bounded by the bytes and the coding tree units
// of the picture, and under 100 KiB of state whatever the picture's size; package
// recon states what samples cost beyond that.
//
// Every error is a [*verify.Fault]. Section and table numbers in comments are
// those of H.265 v10.
package hevc
