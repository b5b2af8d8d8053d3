//go:build !amd64 || purego

package recon

// hasVector tells whether there is vector code for this processor.
const hasVector = false

func (p *Picture) addInverse(int, int) bool { return false }
