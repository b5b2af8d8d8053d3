package heic

// RaceDetector tells whether the tests are built with -race.
const RaceDetector = raceDetector
