// Package encoders has no code of its own. Its tests run the encoders that people's files
// come from, where they are installed, over sixteen pictures of odd sizes, and hold that
// every file is accepted, has pixels, and has no warning that is not explained here.
//
// IMGVET_ENCODERS=50 tries as many pictures. Encoders of npm are installed into a
// temporary folder if IMGVET_NPM is set, by node/package.json. One that is missing is
// skipped, and named. .ci/run installs all but GIMP: Debian's gimp is 45 MB to download and
// 211 MB on disk, and starts a program for each file, so that 30 files took 96 s on a busy
// machine of two processors, and 45 s of processor time. Chromium writes 700 in 17 s.
//
// 50 pictures by each, of Debian 12 and npm, give 6,033 files. None is refused, but for 32
// that upng-js cut itself. Warnings are the two of jpeg-js and Jimp (25 files), those of BMP
// by PHP GD (172), Jimp (50) and ImageMagick (33), all explained beside the encoder.
package encoders
