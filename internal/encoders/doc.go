// Package encoders has no code of its own. Its tests run the encoders that people's files
// come from, where they are installed, over sixteen pictures of odd sizes, and hold that
// every file is accepted, has pixels, and has no warning that is not explained here.
//
// IMGVET_ENCODERS=50 tries as many pictures. Encoders of npm are installed into a
// temporary folder if IMGVET_NPM is set, by node/package.json. One that is missing is
// skipped, and named.
package encoders
