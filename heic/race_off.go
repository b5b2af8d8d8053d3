//go:build !race

package heic

// raceDetector tells whether this program is built with -race.
const raceDetector = false
