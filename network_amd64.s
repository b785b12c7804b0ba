// Copyright (c) 2026 The mlpviz authors. SPDX-License-Identifier: MIT

// The kernels of network_amd64.go in Go's assembler. Y0 to Y15 hold four numbers each, X0 to X15 are their lower halves.
// PD works on all of them, SD on the lowest alone. name+0(FP) is an argument, (R10)(CX*1) the memory at R10+CX. The last
// operand is where a result goes: VSUBPD a, b, c is c = b-a. CMPQ a, b and JGE x go to x if a >= b. VZEROUPPER lets
// other code run at full speed again. A line of Go stands beside the steps that do it.

//go:build !purego && !amd64.v3

#include "textflag.h"

// func addRowsAVX(sum []float64, list []entry, w []float64)
//
// DI, R14: sum, and its bytes    SI, BX: the list, and how many of it are left    R9: w    CX: j, in bytes
// R10 to R13: the rows w0 to w3    Y0 to Y3: x0 to x3, each four times    DX: the bytes from row to row
TEXT ·addRowsAVX(SB), NOSPLIT, $0-72
	MOVQ sum_base+0(FP), DI
	MOVQ sum_len+8(FP), R14
	MOVQ list_base+24(FP), SI
	MOVQ list_len+32(FP), BX
	MOVQ w_base+48(FP), R9
	SHLQ $3, R14
	MOVQ R14, DX

#define ROW(k, x, row) \ // an entry is 16 bytes, row then x: x, row := list[k].x, w[list[k].row*n:]
	VBROADCASTSD (16*k+8)(SI), x \
	MOVQ (16*k)(SI), row \
	IMULQ DX, row \
	ADDQ R9, row

rows: // for ; len(list) >= 4; list = list[4:]
	SUBQ $4, BX
	JLT  left
	ROW(0, Y0, R10)
	ROW(1, Y1, R11)
	ROW(2, Y2, R12)
	ROW(3, Y3, R13)
	ADDQ $64, SI
	XORQ CX, CX

columns: // sum[j] = sum[j] + x0*w0[j] + x1*w1[j] + x2*w2[j] + x3*w3[j]
	VMULPD (R10)(CX*1), Y0, Y5
	VMULPD (R11)(CX*1), Y1, Y6
	VMULPD (R12)(CX*1), Y2, Y7
	VMULPD (R13)(CX*1), Y3, Y8
	VADDPD (DI)(CX*1), Y5, Y5
	VADDPD Y6, Y5, Y5
	VADDPD Y7, Y5, Y5
	VADDPD Y8, Y5, Y5
	VMOVUPD Y5, (DI)(CX*1)
	ADDQ $32, CX
	CMPQ CX, R14
	JLT  columns
	JMP  rows

left: // the up to three entries that are left
	ADDQ $4, BX

row:
	DECQ BX
	JLT  end
	ROW(0, Y0, R10)
	ADDQ $16, SI
	XORQ CX, CX

column: // sum[j] += x0*w0[j]
	VMULPD (R10)(CX*1), Y0, Y5
	VADDPD (DI)(CX*1), Y5, Y5
	VMOVUPD Y5, (DI)(CX*1)
	ADDQ $32, CX
	CMPQ CX, R14
	JLT  column
	JMP  row

end:
	VZEROUPPER
	RET

// func addToRowsAVX(sum []float64, n, first int, list []entry, v []float64)
//
// As in addRowsAVX, but DI: v    R9: where row 0 would be, first rows before sum    R10 to R13: the rows s0 to s3
TEXT ·addToRowsAVX(SB), NOSPLIT, $0-88
	MOVQ sum_base+0(FP), R9
	MOVQ n+24(FP), DX
	MOVQ first+32(FP), AX
	MOVQ list_base+40(FP), SI
	MOVQ list_len+48(FP), BX
	MOVQ v_base+64(FP), DI
	MOVQ v_len+72(FP), R14
	SHLQ $3, DX
	SHLQ $3, R14
	IMULQ DX, AX
	SUBQ AX, R9

rows: // for ; len(list) >= 4; list = list[4:]
	SUBQ $4, BX
	JLT  left
	ROW(0, Y0, R10)
	ROW(1, Y1, R11)
	ROW(2, Y2, R12)
	ROW(3, Y3, R13)
	ADDQ $64, SI
	XORQ CX, CX

columns: // s0[j] += x0*v[j]; ...; s3[j] += x3*v[j]
	VMOVUPD (DI)(CX*1), Y4
	VMULPD Y4, Y0, Y5
	VMULPD Y4, Y1, Y6
	VMULPD Y4, Y2, Y7
	VMULPD Y4, Y3, Y8
	VADDPD (R10)(CX*1), Y5, Y5
	VADDPD (R11)(CX*1), Y6, Y6
	VADDPD (R12)(CX*1), Y7, Y7
	VADDPD (R13)(CX*1), Y8, Y8
	VMOVUPD Y5, (R10)(CX*1)
	VMOVUPD Y6, (R11)(CX*1)
	VMOVUPD Y7, (R12)(CX*1)
	VMOVUPD Y8, (R13)(CX*1)
	ADDQ $32, CX
	CMPQ CX, R14
	JLT  columns
	JMP  rows

left: // the up to three entries that are left
	ADDQ $4, BX

row:
	DECQ BX
	JLT  end
	ROW(0, Y0, R10)
	ADDQ $16, SI
	XORQ CX, CX

column: // s0[j] += x0*v[j]
	VMULPD (DI)(CX*1), Y0, Y5
	VADDPD (R10)(CX*1), Y5, Y5
	VMOVUPD Y5, (R10)(CX*1)
	ADDQ $32, CX
	CMPQ CX, R14
	JLT  column
	JMP  row

end:
	VZEROUPPER
	RET

// func dot4(dots *[4]float64, rows *[4][]float64, v []float64)
//
// DI: dots    SI, CX: v and its length    R8 to R11: the rows    Y0 to Y3: each row's four sums s0 to s3
TEXT ·dot4(SB), NOSPLIT, $0-40
	MOVQ dots+0(FP), DI
	MOVQ rows+8(FP), AX
	MOVQ 0(AX), R8
	MOVQ 24(AX), R9
	MOVQ 48(AX), R10
	MOVQ 72(AX), R11
	MOVQ v_base+16(FP), SI
	MOVQ v_len+24(FP), CX
	VXORPD Y0, Y0, Y0
	VXORPD Y1, Y1, Y1
	VXORPD Y2, Y2, Y2
	VXORPD Y3, Y3, Y3
	XORQ DX, DX

four: // s0 += x[j-3]*y[j-3]; ...; s3 += x[j]*y[j]
	VMOVUPD (SI)(DX*8), Y8
	VMULPD (R8)(DX*8), Y8, Y4
	VMULPD (R9)(DX*8), Y8, Y5
	VMULPD (R10)(DX*8), Y8, Y6
	VMULPD (R11)(DX*8), Y8, Y7
	VADDPD Y4, Y0, Y0
	VADDPD Y5, Y1, Y1
	VADDPD Y6, Y2, Y2
	VADDPD Y7, Y3, Y3
	ADDQ $4, DX
	CMPQ DX, CX
	JLT  four
	VEXTRACTF128 $1, Y0, X4 // s2 and s3; s0 and s1 are in X0
	VEXTRACTF128 $1, Y1, X5
	VEXTRACTF128 $1, Y2, X6
	VEXTRACTF128 $1, Y3, X7

	// s0 + s1 + (s2 + s3)
	VHADDPD X1, X0, X0 // s0 + s1 of the first row, and of the second
	VHADDPD X5, X4, X4 // s2 + s3
	VADDPD X4, X0, X0
	VHADDPD X3, X2, X2
	VHADDPD X7, X6, X6
	VADDPD X6, X2, X2
	VMOVUPD X0, 0(DI)
	VMOVUPD X2, 16(DI)
	VZEROUPPER
	RET

// func nesterovStep(theta, grad, velocity []float64, rate, momentum float64)
//
// DI, SI, R8: theta, grad, velocity    CX: the weights    Y0: momentum    Y1: rate
TEXT ·nesterovStep(SB), NOSPLIT, $0-88
	MOVQ theta_base+0(FP), DI
	MOVQ theta_len+8(FP), CX
	MOVQ grad_base+24(FP), SI
	MOVQ velocity_base+48(FP), R8
	VBROADCASTSD rate+72(FP), Y1
	VBROADCASTSD momentum+80(FP), Y0
	XORQ DX, DX

step:
	CMPQ DX, CX
	JGE  end
	VMULPD (SI)(DX*8), Y1, Y2 // rate*g
	VMULPD (R8)(DX*8), Y0, Y3
	VSUBPD Y2, Y3, Y3 // velocity[i] = momentum*velocity[i] - rate*g
	VMOVUPD Y3, (R8)(DX*8)
	VMULPD Y3, Y0, Y3
	VSUBPD Y2, Y3, Y3
	VADDPD (DI)(DX*8), Y3, Y3 // theta[i] += momentum*velocity[i] - rate*g
	VMOVUPD Y3, (DI)(DX*8)
	ADDQ $4, DX
	JMP  step

end:
	VZEROUPPER
	RET

// func nonzero64(b []byte) (set uint64)
//
// SI: b    X0: zeros    AX, BX, CX, DX: 16 bits each, set where a byte is 0
TEXT ·nonzero64(SB), NOSPLIT, $0-32
	MOVQ b_base+0(FP), SI
	VPXOR X0, X0, X0
	VPCMPEQB 0(SI), X0, X1 // each byte all ones if it is 0
	VPCMPEQB 16(SI), X0, X2
	VPCMPEQB 32(SI), X0, X3
	VPCMPEQB 48(SI), X0, X4
	VPMOVMSKB X1, AX // the highest bit of each
	VPMOVMSKB X2, BX
	VPMOVMSKB X3, CX
	VPMOVMSKB X4, DX
	SHLQ $16, BX
	SHLQ $32, CX
	SHLQ $48, DX
	ORQ BX, AX
	ORQ DX, CX
	ORQ CX, AX
	NOTQ AX
	MOVQ AX, set+24(FP)
	RET

// func fetchAVX(image []byte)
//
// SI, CX: the image, and how many of its bytes are left
TEXT ·fetchAVX(SB), NOSPLIT, $0-24
	MOVQ image_base+0(FP), SI
	MOVQ image_len+8(FP), CX

line: // a cache line has 64 bytes
	PREFETCHT0 (SI)
	ADDQ $64, SI
	SUBQ $64, CX
	JGT  line
	RET

// func fetchListAVX(list []entry)
//
// SI: the list. Its first three cache lines are enough: asking for six gained nothing.
TEXT ·fetchListAVX(SB), NOSPLIT, $0-24
	MOVQ list_base+0(FP), SI
	PREFETCHT0 (SI)
	PREFETCHT0 64(SI)
	PREFETCHT0 128(SI)
	RET

// func cpuid1() (ecx uint32)
TEXT ·cpuid1(SB), NOSPLIT, $0-4
	MOVL $1, AX // the leaf of features
	XORL CX, CX
	CPUID
	MOVL CX, ecx+0(FP)
	RET

// func xgetbv() (eax uint32)
TEXT ·xgetbv(SB), NOSPLIT, $0-4
	XORL CX, CX // register XCR0
	XGETBV
	MOVL AX, eax+0(FP)
	RET
