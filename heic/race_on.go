//go:build race

package heic

// raceDetector tells that this program is built with -race.
const raceDetector = true
