// Command wasi checks files as any program with a WebAssembly runtime can: by the module that
// web/wasi builds, here in wazero. A Go program has package validate for it; this is how
// a host of another language goes about it, and what holds the module to the native verdict.
//
//	go run ./wasi imgvet.wasm photo.jpg
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"
)

func main() {
	if len(os.Args) != 3 {
		log.Fatal("usage: wasi MODULE FILE")
	}
	module, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	file, err := os.ReadFile(os.Args[2])
	if err != nil {
		log.Fatal(err)
	}
	vet, err := open(context.Background(), module, "")
	if err != nil {
		log.Fatal(err)
	}
	defer vet.close()
	verdict, err := vet.check(file)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(verdict)
}

// imgvet is an instance of the module. It does one call at a time.
type imgvet struct {
	ctx           context.Context
	runtime       wazero.Runtime
	memory        api.Memory
	buffer, judge api.Function
	options       string
}

// open loads the module. options are the JSON of web/wasi, or "".
func open(ctx context.Context, module []byte, options string) (*imgvet, error) {
	r := wazero.NewRuntime(ctx)
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	m, err := r.InstantiateWithConfig(ctx, module, wazero.NewModuleConfig().WithStartFunctions("_initialize").WithSysNanotime().WithSysWalltime())
	if err != nil {
		return nil, errors.Join(err, r.Close(ctx))
	}
	return &imgvet{ctx, r, m.Memory(), m.ExportedFunction("imgvet_buffer"), m.ExportedFunction("imgvet_check"), options}, nil
}

func (v *imgvet) close() error { return v.runtime.Close(v.ctx) }

// check returns the verdict on a file, as JSON.
func (v *imgvet) check(file []byte) (string, error) {
	files, opts := uint64(len(file)), uint64(len(v.options))
	at, err := v.buffer.Call(v.ctx, files+opts)
	if err != nil {
		return "", err
	}
	if !v.memory.Write(uint32(at[0]), append(file[:files:files], v.options...)) {
		return "", errors.New("the buffer is outside of the memory")
	}
	result, err := v.judge.Call(v.ctx, files, opts)
	if err != nil {
		return "", err
	}
	verdict, ok := v.memory.Read(uint32(result[0]>>32), uint32(result[0]))
	if !ok {
		return "", errors.New("the verdict is outside of the memory")
	}
	return string(verdict), nil
}
