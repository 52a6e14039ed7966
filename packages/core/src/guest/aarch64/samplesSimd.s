// One of each row of AdvSIMD. samples.test.ts assembles this and checks that each word has a row of its mnemonic and is translated.
	.arch armv8.2-a+fp16+crypto
	.text
	ld1 {v22.4h}, [x1], x23
	ld1 {v24.16b, v25.16b}, [x26], x25
	ld1 {v22.1d-v24.1d}, [x28], x8
	ld1 {v11.16b-v14.16b}, [x11], x7
	ld2 {v23.8h, v24.8h}, [x28], x10
	ld3 {v6.8h-v8.8h}, [x0], x28
	ld4 {v2.2d-v5.2d}, [x4], x14
	st1 {v2.16b}, [x28], x19
	st1 {v20.16b, v21.16b}, [x29], x17
	st1 {v7.2d-v9.2d}, [x17], x5
	st1 {v11.4h-v14.4h}, [x10], x18
	st2 {v11.16b, v12.16b}, [x1], x14
	st3 {v8.8b-v10.8b}, [x3], #24
	st4 {v19.16b-v22.16b}, [x30], x1
	ld1 {v20.s}[0], [x2], x15
	ld2 {v28.b, v29.b}[5], [x15], x24
	ld3 {v9.b-v11.b}[5], [x16], x16
	ld4 {v13.h-v16.h}[2], [x21], x29
	st1 {v0.b}[8], [x13], x30
	st2 {v20.b, v21.b}[13], [x25], x26
	st3 {v5.b-v7.b}[5], [x13], x15
	st4 {v0.s-v3.s}[0], [x30], x7
	ld1r {v6.4h}, [sp], x29
	ld2r {v2.4s, v3.4s}, [x13], x21
	ld3r {v12.8h-v14.8h}, [x4], x30
	ld4r {v30.4h, v31.4h, v0.4h, v1.4h}, [x18], x1
	shadd v25.4s, v8.4s, v7.4s
	uhadd v21.4h, v21.4h, v27.4h
	sqadd v11.16b, v3.16b, v22.16b
	uqadd v24.8h, v26.8h, v25.8h
	srhadd v10.4s, v17.4s, v18.4s
	urhadd v25.8b, v11.8b, v25.8b
	and v3.8b, v15.8b, v27.8b
	bic v22.8b, v30.8b, v5.8b
	orr v28.8b, v29.8b, v15.8b
	orn v7.8b, v2.8b, v24.8b
	eor v26.16b, v2.16b, v21.16b
	bsl v9.8b, v26.8b, v28.8b
	bit v3.16b, v19.16b, v17.16b
	bif v16.16b, v22.16b, v9.16b
	shsub v14.4h, v8.4h, v0.4h
	uhsub v14.4h, v24.4h, v11.4h
	sqsub v10.2d, v17.2d, v28.2d
	uqsub v17.2d, v30.2d, v6.2d
	cmgt v5.8h, v27.8h, v0.8h
	cmhi v4.2s, v4.2s, v0.2s
	cmge v3.4h, v0.4h, v1.4h
	cmhs v21.8h, v27.8h, v15.8h
	sshl v24.2d, v26.2d, v13.2d
	ushl v17.8h, v22.8h, v23.8h
	sqshl v1.4s, v19.4s, v22.4s
	uqshl v10.4h, v27.4h, v20.4h
	srshl v12.2s, v16.2s, v31.2s
	urshl v14.8h, v11.8h, v3.8h
	sqrshl v21.2s, v2.2s, v14.2s
	uqrshl v9.8h, v14.8h, v17.8h
	smax v30.4h, v9.4h, v30.4h
	umax v16.2s, v1.2s, v3.2s
	smin v30.2s, v27.2s, v14.2s
	umin v19.4h, v19.4h, v19.4h
	sabd v7.8b, v19.8b, v0.8b
	uabd v1.4s, v26.4s, v22.4s
	saba v0.2s, v19.2s, v1.2s
	uaba v27.8h, v13.8h, v17.8h
	add v6.4h, v3.4h, v20.4h
	sub v1.4h, v3.4h, v12.4h
	cmtst v2.4h, v9.4h, v26.4h
	cmeq v21.8b, v28.8b, v24.8b
	mla v20.16b, v31.16b, v16.16b
	mls v15.4h, v9.4h, v23.4h
	mul v16.4s, v12.4s, v0.4s
	pmul v18.8b, v14.8b, v13.8b
	smaxp v25.4s, v21.4s, v17.4s
	umaxp v20.2s, v14.2s, v30.2s
	sminp v22.8b, v11.8b, v31.8b
	uminp v8.8h, v27.8h, v5.8h
	sqdmulh v19.2s, v4.2s, v20.2s
	sqrdmulh v21.4h, v12.4h, v16.4h
	addp v29.16b, v26.16b, v24.16b
	sqadd h16, h27, h12
	uqadd s26, s26, s30
	sqsub h18, h12, h19
	uqsub s17, s1, s22
	sqshl b24, b18, b27
	uqshl h6, h22, h7
	sqrshl d28, d22, d9
	uqrshl s1, s23, s30
	sqdmulh s9, s10, s30
	sqrdmulh h14, h16, h18
	cmgt d31, d14, d14
	cmhi d14, d15, d24
	cmge d23, d17, d1
	cmhs d0, d19, d17
	sshl d8, d9, d30
	ushl d16, d9, d4
	srshl d28, d31, d27
	urshl d2, d26, d14
	add d6, d23, d9
	sub d10, d27, d23
	cmtst d7, d10, d4
	cmeq d26, d8, d9
	saddl v18.2d, v2.2s, v23.2s
	saddw2 v13.4s, v18.4s, v23.8h
	ssubl2 v10.4s, v4.8h, v8.8h
	ssubw2 v6.4s, v23.4s, v3.8h
	sabal2 v25.4s, v28.8h, v7.8h
	sabdl2 v1.4s, v3.8h, v31.8h
	smlal v25.4s, v12.4h, v30.4h
	smlsl2 v17.2d, v19.4s, v14.4s
	smull v19.4s, v31.4h, v18.4h
	uaddl2 v18.2d, v13.4s, v14.4s
	uaddw2 v11.8h, v14.8h, v24.16b
	usubl v31.4s, v17.4h, v9.4h
	usubw v21.8h, v16.8h, v11.8b
	uabal2 v21.2d, v22.4s, v14.4s
	uabdl v13.2d, v23.2s, v22.2s
	umlal v31.8h, v22.8b, v23.8b
	umlsl v4.2d, v16.2s, v14.2s
	umull2 v24.8h, v6.16b, v0.16b
	addhn v14.2s, v9.2d, v4.2d
	raddhn2 v27.4s, v6.2d, v14.2d
	subhn v25.8b, v24.8h, v2.8h
	rsubhn v6.8b, v31.8h, v17.8h
	sqdmlal2 v13.4s, v9.8h, v5.8h
	sqdmlsl2 v21.2d, v30.4s, v25.4s
	sqdmull v13.2d, v16.2s, v9.2s
	pmull v3.8h, v23.8b, v12.8b
	pmull v10.1q, v4.1d, v24.1d
	sqdmlal d7, s24, s8
	sqdmlsl d8, s17, s4
	sqdmull s25, h6, h15
	rev64 v1.2s, v19.2s
	rev16 v22.16b, v13.16b
	rev32 v23.8h, v27.8h
	saddlp v27.1d, v6.2s
	sadalp v29.2d, v31.4s
	uaddlp v31.4s, v7.8h
	uadalp v0.2s, v20.4h
	suqadd v19.8b, v13.8b
	usqadd v12.16b, v2.16b
	cls v23.16b, v15.16b
	clz v3.8h, v23.8h
	cnt v28.8b, v15.8b
	not v17.16b, v3.16b
	rbit v9.8b, v22.8b
	sqabs v17.8h, v9.8h
	sqneg v7.8h, v1.8h
	cmgt v20.8h, v2.8h, #0
	cmge v31.8b, v18.8b, #0
	cmeq v8.4h, v31.4h, #0
	cmle v4.2s, v30.2s, #0
	cmlt v8.4h, v12.4h, #0
	abs v27.2d, v7.2d
	neg v19.2d, v24.2d
	xtn2 v19.4s, v30.2d
	sqxtun v11.2s, v24.2d
	sqxtn v10.8b, v28.8h
	uqxtn v31.4h, v9.4s
	shll2 v22.2d, v12.4s, #32
	suqadd h13, h24
	usqadd s12, s2
	sqabs d4, d19
	sqneg h2, h18
	cmgt d6, d28, #0
	cmge d11, d23, #0
	cmeq d26, d14, #0
	cmle d20, d31, #0
	cmlt d13, d8, #0
	abs d19, d30
	neg d5, d18
	sqxtun s18, d13
	sqxtn b16, h29
	uqxtn s19, d15
	saddlv s24, v20.8h
	smaxv s29, v26.4s
	sminv h20, v9.4h
	uaddlv s4, v9.8h
	umaxv b26, v20.16b
	uminv h24, v19.8h
	addv b24, v1.16b
	addp d23, v21.2d
	sshr v0.2s, v8.2s, #3
	ssra v1.2d, v21.2d, #38
	srshr v27.2s, v16.2s, #13
	srsra v18.4s, v22.4s, #8
	ushr v4.8h, v4.8h, #16
	usra v22.4h, v25.4h, #16
	urshr v14.2s, v12.2s, #16
	ursra v31.2s, v25.2s, #14
	sri v15.8b, v31.8b, #8
	shl v27.8b, v3.8b, #2
	sli v8.2d, v22.2d, #7
	sqshlu v2.2d, v21.2d, #0
	sqshl v21.4h, v18.4h, #6
	uqshl v17.2s, v2.2s, #24
	shrn2 v25.8h, v15.4s, #16
	rshrn2 v16.4s, v3.2d, #31
	sqshrun2 v26.4s, v14.2d, #4
	sqrshrun2 v16.8h, v16.4s, #6
	sqshrn2 v29.4s, v5.2d, #28
	sqrshrn2 v4.8h, v1.4s, #14
	uqshrn v9.8b, v17.8h, #5
	uqrshrn2 v24.4s, v27.2d, #3
	sshll v29.2d, v29.2s, #1
	ushll2 v14.2d, v5.4s, #15
	sshr d1, d17, #9
	ssra d17, d10, #63
	srshr d7, d0, #32
	srsra d10, d18, #64
	ushr d9, d23, #41
	usra d20, d0, #28
	urshr d10, d20, #8
	ursra d11, d25, #17
	sri d29, d4, #4
	shl d7, d22, #44
	sli d27, d26, #48
	sqshlu d21, d6, #6
	sqshl d20, d21, #53
	uqshl s11, s30, #12
	sqshrun b28, h25, #2
	sqrshrun h29, s16, #8
	sqshrn b20, h13, #8
	sqrshrn h0, s10, #8
	uqshrn s29, d22, #21
	uqrshrn h29, s24, #11
	mul v28.4h, v20.4h, v13.h[1]
	mla v24.4s, v2.4s, v2.s[0]
	mls v28.2s, v22.2s, v3.s[2]
	smlal2 v3.4s, v16.8h, v8.h[6]
	smlsl2 v7.2d, v25.4s, v11.s[0]
	smull v12.4s, v30.4h, v5.h[3]
	umlal v19.4s, v28.4h, v3.h[1]
	umlsl v20.4s, v13.4h, v14.h[1]
	umull2 v21.4s, v28.8h, v11.h[0]
	sqdmlal2 v7.2d, v16.4s, v1.s[2]
	sqdmlsl v24.4s, v28.4h, v1.h[2]
	sqdmull v17.4s, v31.4h, v6.h[2]
	sqdmulh v9.8h, v17.8h, v15.h[1]
	sqrdmulh v17.2s, v8.2s, v4.s[2]
	sqdmlal d1, s23, v11.s[2]
	sqdmlsl s9, h6, v12.h[5]
	sqdmull d24, s28, v1.s[3]
	sqdmulh h4, h20, v11.h[0]
	sqrdmulh s8, s7, v8.s[2]
	dup v21.2d, v27.d[0]
	dup v8.16b, w16
	smov x1, v21.b[11]
	umov w5, v13.h[2]
	ins v30.b[5], w23
	ins v20.s[3], v23.s[0]
	dup b14, v24.b[15]
	movi v7.4s, #0x9b
	orr v26.2s, #0x3d, lsl #8
	movi v12.4h, #0x11, lsl #8
	orr v24.8h, #0x8a, lsl #8
	movi v3.4s, #0x71, msl #8
	movi v13.8b, #0x27
	fmov v26.2s, #2.300000000000000000e+01
	mvni v27.2s, #0xc6, lsl #16
	bic v28.4s, #0x53
	mvni v27.4h, #0xc3, lsl #8
	bic v27.8h, #0x3c, lsl #8
	mvni v20.2s, #0xe1, msl #16
	movi d13, #0xff00ffffffff0000
	fmov v13.2d, #3.281250000000000000e-01
	uzp1 v9.2s, v17.2s, v11.2s
	trn1 v18.4s, v14.4s, v12.4s
	zip1 v30.4h, v7.4h, v14.4h
	uzp2 v26.4s, v12.4s, v27.4s
	trn2 v13.2s, v1.2s, v31.2s
	zip2 v2.8b, v17.8b, v16.8b
	ext v25.16b, v9.16b, v5.16b, #1
	tbl v28.8b, {v22.16b, v23.16b}, v26.8b
	tbx v15.8b, {v22.16b-v24.16b}, v25.8b
	aese v2.16b, v6.16b
	aesd v9.16b, v1.16b
	aesmc v26.16b, v0.16b
	aesimc v27.16b, v11.16b
	sha1c q23, s17, v19.4s
	sha1p q19, s26, v5.4s
	sha1m q13, s2, v24.4s
	sha1su0 v10.4s, v24.4s, v3.4s
	sha256h q24, q16, v10.4s
	sha256h2 q7, q2, v7.4s
	sha256su1 v3.4s, v20.4s, v6.4s
	sha1h s1, s4
	sha1su1 v2.4s, v31.4s
	sha256su0 v8.4s, v2.4s
	fmaxnm v6.2d, v3.2d, v19.2d
	fmla v6.2d, v11.2d, v1.2d
	fadd v5.4s, v6.4s, v25.4s
	fmulx v5.4s, v31.4s, v7.4s
	fcmeq v14.4s, v19.4s, v14.4s
	fmax v12.2s, v5.2s, v14.2s
	frecps v6.2d, v13.2d, v29.2d
	fminnm v11.2s, v2.2s, v31.2s
	fmls v8.2s, v23.2s, v0.2s
	fsub v23.4s, v22.4s, v0.4s
	fmin v31.2s, v3.2s, v25.2s
	frsqrts v3.2s, v28.2s, v30.2s
	fmaxnmp v14.2d, v15.2d, v25.2d
	faddp v14.2s, v22.2s, v27.2s
	fmul v16.2s, v24.2s, v31.2s
	fcmge v1.2d, v16.2d, v12.2d
	facge v14.2d, v14.2d, v24.2d
	fmaxp v18.4s, v7.4s, v7.4s
	fdiv v9.2s, v20.2s, v6.2s
	fminnmp v27.2d, v25.2d, v2.2d
	fabd v0.4s, v4.4s, v3.4s
	fcmgt v24.2s, v0.2s, v12.2s
	facgt v13.2d, v12.2d, v16.2d
	fminp v4.2d, v29.2d, v17.2d
	fmulx d7, d2, d3
	fcmeq s28, s17, s13
	frecps d23, d2, d1
	frsqrts s30, s0, s30
	fcmge d9, d16, d25
	facge d13, d13, d3
	fabd s4, s15, s30
	fcmgt s27, s31, s21
	facgt d20, d25, d14
	fcmgt v17.2d, v3.2d, #0.0
	fcmge v16.2d, v19.2d, #0.0
	fcmeq v20.4s, v23.4s, #0.0
	fcmle v24.2s, v11.2s, #0.0
	fcmlt v19.2d, v18.2d, #0.0
	fabs v8.2s, v24.2s
	fneg v21.2s, v12.2s
	fsqrt v20.2s, v17.2s
	frintn v29.4s, v24.4s
	frintm v15.4s, v27.4s
	frintp v29.2s, v31.2s
	frintz v20.2s, v13.2s
	frinta v3.4s, v13.4s
	frintx v20.2d, v3.2d
	frinti v5.2s, v21.2s
	fcvtns v25.2s, v30.2s
	fcvtnu v18.2d, v4.2d
	fcvtms v24.2s, v11.2s
	fcvtmu v8.4s, v1.4s
	fcvtas v8.2s, v1.2s
	fcvtau v12.2s, v31.2s
	fcvtps v20.2s, v28.2s
	fcvtpu v1.4s, v25.4s
	fcvtzs v26.2s, v18.2s
	fcvtzu v1.2s, v28.2s
	scvtf v25.4s, v30.4s
	ucvtf v21.2d, v13.2d
	frecpe v29.2s, v16.2s
	frsqrte v10.2d, v3.2d
	urecpe v17.2s, v30.2s
	ursqrte v6.4s, v6.4s
	fcvtn2 v18.8h, v29.4s
	fcvtl v12.4s, v25.4h
	fcvtxn2 v30.4s, v14.2d
	fcmgt d26, d27, #0.0
	fcmge d15, d11, #0.0
	fcmeq s12, s11, #0.0
	fcmle s15, s6, #0.0
	fcmlt s29, s10, #0.0
	fcvtns s28, s8
	fcvtnu d12, d14
	fcvtms d13, d30
	fcvtmu d6, d2
	fcvtas s28, s6
	fcvtau s0, s16
	fcvtps s0, s5
	fcvtpu s22, s18
	fcvtzs d28, d31
	fcvtzu d23, d23
	scvtf s2, s22
	ucvtf s0, s29
	frecpe d3, d16
	frsqrte s9, s31
	frecpx s25, s23
	fcvtxn s11, d2
	fmaxnmv s30, v26.4s
	fmaxnmp s2, v9.2s
	fmaxv s24, v14.4s
	fmaxp d19, v16.2d
	fminnmv s28, v1.4s
	fminnmp s10, v0.2s
	fminv s2, v14.4s
	fminp d28, v13.2d
	faddp d4, v8.2d
	fmla v15.2s, v22.2s, v6.s[2]
	fmla s11, s10, v9.s[0]
	fmls v23.2s, v11.2s, v28.s[2]
	fmls d18, d26, v19.d[1]
	fmul v31.2d, v2.2d, v17.d[1]
	fmul s0, s14, v10.s[2]
	fmulx v5.4s, v15.4s, v10.s[3]
	fmulx s28, s10, v8.s[1]
	scvtf v14.2s, v11.2s, #5
	scvtf d10, d0, #11
	ucvtf v7.2d, v0.2d, #41
	ucvtf d23, d5, #48
	fcvtzs v7.4s, v0.4s, #4
	fcvtzs d8, d13, #50
	fcvtzu v16.2d, v21.2d, #35
	fcvtzu d18, d31, #16
	fmaxnm v24.8h, v5.8h, v16.8h
	fmla v21.4h, v28.4h, v23.4h
	fadd v12.4h, v28.4h, v22.4h
	fmulx v31.4h, v31.4h, v3.4h
	fcmeq v21.8h, v24.8h, v5.8h
	fmax v31.4h, v19.4h, v5.4h
	frecps v17.8h, v15.8h, v11.8h
	fminnm v24.4h, v9.4h, v17.4h
	fmls v22.8h, v6.8h, v10.8h
	fsub v23.8h, v10.8h, v25.8h
	fmin v31.8h, v26.8h, v21.8h
	frsqrts v0.8h, v11.8h, v24.8h
	fmaxnmp v17.8h, v4.8h, v1.8h
	faddp v17.8h, v19.8h, v1.8h
	fmul v21.4h, v3.4h, v29.4h
	fcmge v6.4h, v24.4h, v27.4h
	facge v5.8h, v9.8h, v30.8h
	fmaxp v16.4h, v29.4h, v21.4h
	fdiv v0.4h, v25.4h, v24.4h
	fminnmp v13.8h, v17.8h, v5.8h
	fabd v8.8h, v24.8h, v15.8h
	fcmgt v17.8h, v26.8h, v12.8h
	facgt v30.4h, v29.4h, v10.4h
	fminp v1.4h, v16.4h, v12.4h
	fmulx h20, h14, h27
	fcmeq h14, h23, h17
	frecps h25, h29, h23
	frsqrts h18, h0, h12
	fcmge h17, h13, h4
	facge h1, h6, h6
	fabd h15, h3, h3
	fcmgt h19, h21, h2
	facgt h30, h1, h19
	fcmgt v7.4h, v18.4h, #0.0
	fcmge v19.8h, v0.8h, #0.0
	fcmeq v6.4h, v26.4h, #0.0
	fcmle v13.8h, v24.8h, #0.0
	fcmlt v6.8h, v22.8h, #0.0
	fabs v7.8h, v12.8h
	fneg v5.4h, v18.4h
	fsqrt v30.4h, v15.4h
	frintn v11.4h, v0.4h
	frintm v30.4h, v2.4h
	frintp v7.8h, v9.8h
	frintz v17.4h, v9.4h
	frinta v7.8h, v11.8h
	frintx v26.8h, v17.8h
	frinti v18.8h, v27.8h
	fcvtns v16.4h, v25.4h
	fcvtnu v31.8h, v17.8h
	fcvtms v13.8h, v25.8h
	fcvtmu v26.8h, v23.8h
	fcvtas v5.8h, v21.8h
	fcvtau v23.4h, v21.4h
	fcvtps v6.8h, v5.8h
	fcvtpu v26.4h, v31.4h
	fcvtzs v19.4h, v6.4h
	fcvtzu v9.8h, v26.8h
	scvtf v24.8h, v14.8h
	ucvtf v29.4h, v21.4h
	frecpe v25.8h, v27.8h
	frsqrte v4.8h, v27.8h
	fcmgt h0, h31, #0.0
	fcmge h9, h22, #0.0
	fcmeq h6, h25, #0.0
	fcmle h5, h1, #0.0
	fcmlt h0, h23, #0.0
	fcvtns h22, h9
	fcvtnu h20, h9
	fcvtms h12, h16
	fcvtmu h22, h5
	fcvtas h15, h1
	fcvtau h13, h17
	fcvtps h12, h9
	fcvtpu h8, h6
	fcvtzs h18, h5
	fcvtzu h13, h30
	scvtf h31, h11
	ucvtf h12, h30
	frecpe h15, h2
	frsqrte h9, h5
	frecpx h17, h23
	fmaxnmv h16, v16.4h
	fmaxnmp h8, v7.2h
	fmaxv h23, v15.8h
	fmaxp h1, v23.2h
	fminnmv h0, v2.4h
	fminnmp h17, v3.2h
	fminv h28, v25.4h
	fminp h16, v17.2h
	faddp h1, v29.2h
	fmla v4.8h, v9.8h, v4.h[2]
	fmla h21, h23, v14.h[7]
	fmls v21.8h, v29.8h, v7.h[6]
	fmls h7, h3, v2.h[3]
	fmul v25.4h, v5.4h, v11.h[5]
	fmul h0, h28, v2.h[0]
	fmulx v28.4h, v31.4h, v14.h[0]
	fmulx h5, h31, v12.h[1]
	scvtf v28.8h, v15.8h, #1
	scvtf h0, h27, #9
	ucvtf v26.4h, v4.4h, #13
	ucvtf h12, h5, #2
	fcvtzs v21.4h, v5.4h, #9
	fcvtzs h10, h11, #7
	fcvtzu v5.8h, v1.8h, #8
	fcvtzu h19, h26, #4
	fmov v2.8h, #-2.100000000000000000e+01
