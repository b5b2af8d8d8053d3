//go:build !amd64 || purego

package cpu

// Vector tells whether packages may use their vector code.
func Vector() bool { return false }

// BMI tells whether packages may use their code for amd64 with bit manipulation instructions.
func BMI() bool { return false }
