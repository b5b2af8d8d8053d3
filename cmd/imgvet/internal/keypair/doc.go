// Package keypair keeps a server's certificate as it is on disk, without a restart.
package keypair
