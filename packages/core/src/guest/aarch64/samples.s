// One of each mnemonic and form of the integer, branch, load/store and system instructions, aliases included.
// samples.test.ts assembles this and checks that each word has a row and is translated.
	.arch armv8.5-a+rng
	.text
start:
// Data Processing -- Immediate
	adr x1, start
	adrp x2, start
	add w1, w2, #3
	add x1, sp, #4, lsl #12
	adds w1, w2, #3
	adds x1, x2, #0xfff
	sub sp, sp, #32
	sub w1, w2, #3
	subs x1, x2, #3
	mov x29, sp
	mov wsp, w3
	cmp w1, #7
	cmp x1, #7, lsl #12
	cmn x1, #7
	and w1, w2, #0xff
	and sp, x2, #~15
	orr x1, x2, #0x5555555555555555
	eor w1, w2, #0x80000001
	ands x1, x2, #0xf0f0f0f0f0f0f0f0
	tst w1, #1
	mov x1, #0x3333333333333333
	movz w1, #5, lsl #16
	movz x1, #5, lsl #48
	movn w1, #5
	movn x1, #5, lsl #32
	movk w1, #5, lsl #16
	movk x1, #5, lsl #48
	sbfm x1, x2, #3, #9
	sbfiz w1, w2, #3, #9
	sbfx x1, x2, #3, #9
	asr w1, w2, #5
	sxtb w1, w2
	sxth x1, w2
	sxtw x1, w2
	bfm x1, x2, #3, #9
	bfi w1, w2, #3, #9
	bfxil x1, x2, #3, #9
	bfc w1, #3, #9
	ubfm x1, x2, #3, #9
	ubfiz w1, w2, #3, #9
	ubfx x1, x2, #3, #9
	lsl w1, w2, #5
	lsr x1, x2, #63
	uxtb w1, w2
	uxth w1, w2
	extr w1, w2, w3, #7
	extr x1, x2, x3, #63
	ror x1, x2, #9
// Data Processing -- Register
	udiv w1, w2, w3
	udiv x1, x2, x3
	sdiv w1, w2, w3
	sdiv x1, x2, x3
	lsl w1, w2, w3
	lsr x1, x2, x3
	asr w1, w2, w3
	ror x1, x2, x3
	crc32b w1, w2, w3
	crc32h w1, w2, w3
	crc32w w1, w2, w3
	crc32x w1, w2, x3
	crc32cb w1, w2, w3
	crc32ch w1, w2, w3
	crc32cw w1, w2, w3
	crc32cx w1, w2, x3
	rbit w1, w2
	rbit x1, x2
	rev16 w1, w2
	rev16 x1, x2
	rev w1, w2
	rev x1, x2
	rev32 x1, x2
	clz w1, w2
	cls x1, x2
	and w1, w2, w3
	bic x1, x2, x3, lsl #3
	orr w1, w2, w3, lsr #31
	orn x1, x2, x3, asr #63
	eor w1, w2, w3, ror #9
	eon x1, x2, x3
	ands w1, w2, w3
	bics x1, x2, x3
	tst x1, x1
	mov w1, w2
	mov x1, x2
	mvn w1, w2, lsl #4
	add w1, w2, w3
	add x1, x2, x3, lsl #3
	adds w1, w2, w3, asr #4
	sub x1, x2, x3
	subs w1, w2, w3
	neg x1, x2
	negs w1, w2, lsl #3
	cmp x1, x2
	cmp w1, w2, lsl #3
	cmn x1, x2
	add x1, sp, w3, uxtw #2
	add sp, sp, x3
	add w1, w2, w3, sxtb
	adds x1, x2, w3, uxth #4
	sub x1, x2, w3, sxth #1
	sub sp, sp, x3, lsl #4
	subs w1, w2, w3, uxtb
	cmp sp, x3
	cmp x1, w2, sxtw
	cmn x1, w2, sxtw #1
	adc w1, w2, w3
	adcs x1, x2, x3
	sbc w1, w2, w3
	sbcs x1, x2, x3
	ngc x1, x2
	ngcs w1, w2
	rmif x1, #5, #9
	setf8 w1
	setf16 w1
	cfinv
	xaflag
	axflag
	ccmn w1, w2, #3, eq
	ccmn x1, #9, #3, ne
	ccmp w1, w2, #3, al
	ccmp x1, #9, #3, hi
	csel w1, w2, w3, lt
	csel x1, x2, x3, al
	csinc x1, x2, x3, lt
	csinv w1, w2, w3, lt
	csneg x1, x2, x3, lt
	cset w1, mi
	csetm x1, vs
	cinc x1, x2, ge
	cinv w1, w2, ge
	cneg x1, x2, ge
	madd w1, w2, w3, w4
	madd x1, x2, x3, x4
	msub x1, x2, x3, x4
	mul w1, w2, w3
	mneg x1, x2, x3
	smaddl x1, w2, w3, x4
	smsubl x1, w2, w3, x4
	umaddl x1, w2, w3, x4
	umsubl x1, w2, w3, x4
	smull x1, w2, w3
	smnegl x1, w2, w3
	umull x1, w2, w3
	umnegl x1, w2, w3
	smulh x1, x2, x3
	umulh x1, x2, x3
// Branches and exception generation
	b start
	bl start
	b.eq start
	b.al start
	cbz w1, start
	cbz x1, start
	cbnz w1, start
	cbnz x1, start
	tbz w1, #3, start
	tbz x1, #33, start
	tbnz w1, #3, start
	tbnz x1, #33, start
	br x1
	blr x30
	ret
	ret x1
	svc #0
	brk #1
	hlt #1
// System
	nop
	hint #20
	hint #127
	yield
	wfe
	wfi
	sev
	sevl
	xpaclri
	pacia1716
	pacib1716
	autia1716
	autib1716
	csdb
	paciaz
	paciasp
	pacibz
	pacibsp
	autiaz
	autiasp
	autibz
	autibsp
	esb
	psb csync
	bti
	bti c
	bti j
	bti jc
	clrex
	dsb sy
	dsb ishst
	ssbb
	pssbb
	dmb ish
	isb
	sb
	dc zva, x1
	dc cvac, x1
	dc cvau, x1
	dc cvap, x1
	dc cvadp, x1
	dc civac, x1
	ic ivau, x1
	mrs x1, nzcv
	msr nzcv, x1
	mrs x1, fpcr
	msr fpcr, x1
	mrs x1, fpsr
	msr fpsr, xzr
	mrs x1, tpidr_el0
	msr tpidr_el0, x1
	mrs x1, tpidrro_el0
	mrs x1, ctr_el0
	mrs x1, dczid_el0
	mrs x1, cntvct_el0
	mrs x1, cntfrq_el0
	mrs x1, midr_el1
	mrs x1, mpidr_el1
	mrs x1, revidr_el1
	mrs x1, id_aa64pfr0_el1
	mrs x1, id_aa64pfr1_el1
	mrs x1, id_aa64dfr0_el1
	mrs x1, id_aa64isar0_el1
	mrs x1, id_aa64isar1_el1
	mrs x1, id_aa64mmfr0_el1
	mrs x1, id_aa64mmfr1_el1
	mrs x1, rndr
	mrs x1, rndrrs
// Loads and stores: general-purpose registers, each addressing mode
	.macro modes op, reg
	\op \reg, [x2]
	\op \reg, [sp, #16]
	\op \reg, [x2, #-9]
	\op \reg, [x2, #16]!
	\op \reg, [x2], #-16
	\op \reg, [x2, x3]
	\op \reg, [x2, w3, uxtw]
	\op \reg, [x2, w3, sxtw]
	\op \reg, [sp, x3, sxtx]
	.endm
	modes strb, w1
	modes ldrb, w1
	modes ldrsb, w1
	modes ldrsb, x1
	modes strh, w1
	modes ldrh, w1
	modes ldrsh, w1
	modes ldrsh, x1
	modes str, w1
	modes str, xzr
	modes ldr, w1
	modes ldr, x1
	modes ldrsw, x1
	modes str, b1
	modes str, h1
	modes str, s1
	modes str, d1
	modes str, q1
	modes ldr, b1
	modes ldr, h1
	modes ldr, s1
	modes ldr, d1
	modes ldr, q1
	ldr x1, [x2, x3, lsl #3]
	ldrh w1, [x2, w3, sxtw #1]
	str q1, [x2, x3, lsl #4]
	ldr w1, start
	ldr x1, start
	ldrsw x1, start
	ldr s1, start
	ldr d1, start
	ldr q1, start
	prfm pldl1keep, [x2, #8]
	prfm pldl1keep, [x2, x3]
	prfm pldl1keep, start
	prfum pldl1keep, [x2, #-1]
	.irp op, sturb, ldurb, ldursb, sturh, ldurh, ldursh, stur, ldur, sttrb, ldtrb, ldtrsb, sttrh, ldtrh, ldtrsh, sttr, ldtr, stlurb, ldapurb, ldapursb, stlurh, ldapurh, ldapursh, stlur, ldapur
	\op w1, [x2, #-3]
	.endr
	.irp op, ldursb, ldursh, ldursw, stur, ldur, ldtrsb, ldtrsh, ldtrsw, sttr, ldtr, ldapursb, ldapursh, ldapursw, stlur, ldapur
	\op x1, [x2, #-3]
	.endr
	.irp reg, b1, h1, s1, d1, q1
	stur \reg, [x2, #-3]
	ldur \reg, [x2, #-3]
	.endr
	.macro pairs a, b
	stnp \a, \b, [x2, #16]
	ldnp \a, \b, [x2, #16]
	stp \a, \b, [sp, #-16]!
	ldp \a, \b, [sp], #16
	stp \a, \b, [x2, #16]
	ldp \a, \b, [x2, #16]
	stp \a, \b, [x2], #16
	ldp \a, \b, [x2, #16]!
	.endm
	pairs w1, w4
	pairs x1, x4
	pairs s1, s4
	pairs d1, d4
	pairs q1, q4
	ldpsw x1, x4, [x2, #8]
	ldpsw x1, x4, [x2, #8]!
	ldpsw x1, x4, [x2], #8
// Exclusive, ordered and atomic
	.macro sizes op, operands:vararg
	\op\()b w1, \operands
	\op\()h w1, \operands
	\op w1, \operands
	\op x1, \operands
	.endm
	sizes ldxr, [x2]
	sizes ldaxr, [x2]
	sizes ldar, [x2]
	sizes ldlar, [x2]
	sizes ldapr, [x2]
	sizes stlr, [x2]
	sizes stllr, [x2]
	.irp op, stxr, stlxr
	\op\()b w5, w1, [x2]
	\op\()h w5, w1, [x2]
	\op w5, w1, [x2]
	\op w5, x1, [x2]
	.endr
	ldxp w1, w4, [x2]
	ldxp x1, x4, [x2]
	ldaxp x1, x4, [x2]
	stxp w5, w1, w4, [x2]
	stlxp w5, x1, x4, [x2]
	.macro ordered op
	\op w1, w4, [x2]
	\op x1, x4, [x2]
	\op\()b w1, w4, [x2]
	\op\()h w1, w4, [sp]
	.endm
	.macro atomic op
	ordered \op
	ordered \op\()a
	ordered \op\()l
	ordered \op\()al
	.endm
	atomic ldadd
	atomic ldclr
	atomic ldeor
	atomic ldset
	atomic ldsmax
	atomic ldsmin
	atomic ldumax
	atomic ldumin
	atomic swp
	atomic cas
	.irp op, stadd, stclr, steor, stset, stsmax, stsmin, stumax, stumin
	\op w1, [x2]
	\op\()l x1, [x2]
	.endr
	casp w0, w1, w2, w3, [x4]
	caspal x0, x1, x2, x3, [x4]
