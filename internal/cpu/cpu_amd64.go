//go:build !purego

package cpu

// cpuid and xgetbv0 run the instructions of these names.
func cpuid(leaf, sub uint32) (eax, ebx, ecx, edx uint32)
func xgetbv0() (eax, edx uint32)

// Vector tells whether this processor has AVX2 and FMA, and the system saves their
// registers. It follows "Detection
// of AVX2" and "Detection of FMA" in volume 1 of Intel's Software Developer's Manual,
// 14.7.1 and 14.5.3.
func Vector() bool {
	const (
		fma, osxsave, avx = 1 << 12, 1 << 27, 1 << 28 // leaf 1, ECX
		avx2              = 1 << 5                    // leaf 7, EBX
		saved             = 1<<1 | 1<<2               // XCR0: XMM and YMM
	)
	leaves, _, _, _ := cpuid(0, 0)
	if leaves < 7 {
		return false
	}
	if _, _, ecx, _ := cpuid(1, 0); ecx&(fma|osxsave|avx) != fma|osxsave|avx {
		return false
	}
	if eax, _ := xgetbv0(); eax&saved != saved {
		return false
	}
	_, ebx, _, _ := cpuid(7, 0)
	return ebx&avx2 != 0
}

// BMI tells whether this processor has BMI1, BMI2 and LZCNT, and all that [Vector] asks for. It
// follows table 3-8 of volume 2A of that manual, at CPUID.
func BMI() bool {
	const (
		bmi1, bmi2 = 1 << 3, 1 << 8 // leaf 7, EBX
		lzcnt      = 1 << 5         // leaf 0x80000001, ECX
		extended   = 0x80000000
	)
	if !Vector() {
		return false
	}
	if _, ebx, _, _ := cpuid(7, 0); ebx&(bmi1|bmi2) != bmi1|bmi2 {
		return false
	}
	if last, _, _, _ := cpuid(extended, 0); last <= extended {
		return false
	}
	_, _, ecx, _ := cpuid(extended+1, 0)
	return ecx&lzcnt != 0
}
