// Package corrupt is "imgvet corrupt": it writes copies that package fuzz has damaged,
// and never over the picture that they are made of.
package corrupt
