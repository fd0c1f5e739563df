; Generated from include/vulcan/queries.h by tools/gen_queries_ir.py. Do not edit.

define double @vk_load_f64(ptr noundef readonly captures(none) %0, i64 noundef %1) alwaysinline nounwind {
  %3 = shl i64 %1, 3
  %4 = getelementptr inbounds i8, ptr %0, i64 %3
  %5 = bitcast ptr %4 to ptr
  %6 = load double, ptr %5, align 1
  ret double %6
}

define i64 @vk_load_i64(ptr noundef readonly captures(none) %0, i64 noundef %1) alwaysinline nounwind {
  %3 = shl i64 %1, 3
  %4 = getelementptr inbounds i8, ptr %0, i64 %3
  %5 = bitcast ptr %4 to ptr
  %6 = load i64, ptr %5, align 1
  ret i64 %6
}

define double @vk_latest_get_f64(ptr noundef readnone captures(none) %0, i32 noundef %1, ptr noundef readonly captures(none) %2) alwaysinline nounwind {
  %4 = bitcast ptr %2 to ptr
  %5 = load double, ptr %4, align 1
  ret double %5
}

define i64 @vk_latest_get_i64(ptr noundef readnone captures(none) %0, i32 noundef %1, ptr noundef readonly captures(none) %2) alwaysinline nounwind {
  %4 = bitcast ptr %2 to ptr
  %5 = load i64, ptr %4, align 1
  ret i64 %5
}

define double @vk_mean_f64(double noundef %0, double noundef %1, i64 noundef %2, i32 noundef %3) alwaysinline nounwind {
  %5 = fadd double %0, %1
  %6 = sitofp i64 %2 to double
  %7 = fdiv double %5, %6
  %8 = icmp eq i32 %3, 0
  br i1 %8, label %15, label %9

9:                                                ; preds = %4
  %10 = fcmp ogt double %7, 0x7BEFFFFFFFFFFFFF
  %11 = fcmp olt double %7, 0xFBEFFFFFFFFFFFFF
  %12 = select i1 %11, double 0xFBEFFFFFFFFFFFFF, double %7
  %13 = fmul double %12, 0x43F0000000000000
  %14 = select i1 %10, double 0x7FEFFFFFFFFFFFFF, double %13
  br label %15

15:                                               ; preds = %4, %9
  %16 = phi double [ %14, %9 ], [ %7, %4 ]
  ret double %16
}

define double @vk_int128_to_f64(i64 noundef %0, i64 noundef %1) alwaysinline nounwind {
  %3 = ashr i64 %0, 63
  %4 = icmp eq i64 %3, %1
  br i1 %4, label %5, label %7

5:                                                ; preds = %2
  %6 = sitofp i64 %0 to double
  br label %38

7:                                                ; preds = %2
  %8 = icmp slt i64 %1, 0
  br i1 %8, label %9, label %15

9:                                                ; preds = %7
  %10 = sub i64 0, %0
  %11 = xor i64 %1, -1
  %12 = icmp eq i64 %0, 0
  %13 = zext i1 %12 to i64
  %14 = add i64 %13, %11
  br label %15

15:                                               ; preds = %9, %7
  %16 = phi i64 [ %10, %9 ], [ %0, %7 ]
  %17 = phi i64 [ %14, %9 ], [ %1, %7 ]
  %18 = icmp eq i64 %17, 0
  br i1 %18, label %31, label %19

19:                                               ; preds = %15, %19
  %20 = phi double [ %29, %19 ], [ 1.000000e+00, %15 ]
  %21 = phi i64 [ %28, %19 ], [ %17, %15 ]
  %22 = phi i64 [ %27, %19 ], [ %16, %15 ]
  %23 = lshr i64 %22, 1
  %24 = and i64 %22, 1
  %25 = or i64 %23, %24
  %26 = shl i64 %21, 63
  %27 = or i64 %25, %26
  %28 = lshr i64 %21, 1
  %29 = fmul double %20, 2.000000e+00
  %30 = icmp ult i64 %21, 2
  br i1 %30, label %31, label %19

31:                                               ; preds = %19, %15
  %32 = phi i64 [ %16, %15 ], [ %27, %19 ]
  %33 = phi double [ 1.000000e+00, %15 ], [ %29, %19 ]
  %34 = uitofp i64 %32 to double
  %35 = fmul double %33, %34
  %36 = fneg double %35
  %37 = select i1 %8, double %36, double %35
  br label %38

38:                                               ; preds = %31, %5
  %39 = phi double [ %6, %5 ], [ %37, %31 ]
  ret double %39
}

define double @vk_mean_i64(ptr noundef readonly captures(none) %0, i64 noundef %1) alwaysinline nounwind {
  %3 = bitcast ptr %0 to ptr
  %4 = load i64, ptr %3, align 1
  %5 = getelementptr inbounds i8, ptr %0, i64 8
  %6 = bitcast ptr %5 to ptr
  %7 = load i64, ptr %6, align 1
  %8 = ashr i64 %4, 63
  %9 = icmp eq i64 %8, %7
  br i1 %9, label %10, label %12

10:                                               ; preds = %2
  %11 = sitofp i64 %4 to double
  br label %43

12:                                               ; preds = %2
  %13 = icmp slt i64 %7, 0
  br i1 %13, label %14, label %20

14:                                               ; preds = %12
  %15 = sub i64 0, %4
  %16 = xor i64 %7, -1
  %17 = icmp eq i64 %4, 0
  %18 = zext i1 %17 to i64
  %19 = add i64 %18, %16
  br label %20

20:                                               ; preds = %14, %12
  %21 = phi i64 [ %15, %14 ], [ %4, %12 ]
  %22 = phi i64 [ %19, %14 ], [ %7, %12 ]
  %23 = icmp eq i64 %22, 0
  br i1 %23, label %36, label %24

24:                                               ; preds = %20, %24
  %25 = phi double [ %34, %24 ], [ 1.000000e+00, %20 ]
  %26 = phi i64 [ %33, %24 ], [ %22, %20 ]
  %27 = phi i64 [ %32, %24 ], [ %21, %20 ]
  %28 = lshr i64 %27, 1
  %29 = and i64 %27, 1
  %30 = or i64 %28, %29
  %31 = shl i64 %26, 63
  %32 = or i64 %30, %31
  %33 = lshr i64 %26, 1
  %34 = fmul double %25, 2.000000e+00
  %35 = icmp ult i64 %26, 2
  br i1 %35, label %36, label %24

36:                                               ; preds = %24, %20
  %37 = phi i64 [ %21, %20 ], [ %32, %24 ]
  %38 = phi double [ 1.000000e+00, %20 ], [ %34, %24 ]
  %39 = uitofp i64 %37 to double
  %40 = fmul double %38, %39
  %41 = fneg double %40
  %42 = select i1 %13, double %41, double %40
  br label %43

43:                                               ; preds = %10, %36
  %44 = phi double [ %11, %10 ], [ %42, %36 ]
  %45 = sitofp i64 %1 to double
  %46 = fdiv double %44, %45
  ret double %46
}

define i64 @vk_average_n_f64(ptr readnone captures(none) %0, i32 %1, ptr noundef readonly captures(none) %2) alwaysinline nounwind {
  %4 = getelementptr inbounds i8, ptr %2, i64 16
  %5 = bitcast ptr %4 to ptr
  %6 = load i64, ptr %5, align 1
  %7 = call i64 @llvm.abs.i64(i64 %6, i1 true)
  ret i64 %7
}

define i64 @vk_average_n_i64(ptr readnone captures(none) %0, i32 %1, ptr noundef readonly captures(none) %2) alwaysinline nounwind {
  %4 = getelementptr inbounds i8, ptr %2, i64 16
  %5 = bitcast ptr %4 to ptr
  %6 = load i64, ptr %5, align 1
  ret i64 %6
}

define double @vk_average_avg_f64(ptr noundef readnone captures(none) %0, i32 noundef %1, ptr noundef readonly captures(none) %2) alwaysinline nounwind {
  %4 = getelementptr inbounds i8, ptr %2, i64 16
  %5 = bitcast ptr %4 to ptr
  %6 = load i64, ptr %5, align 1
  %7 = icmp eq i64 %6, 0
  br i1 %7, label %25, label %8

8:                                                ; preds = %3
  %9 = call i64 @llvm.abs.i64(i64 %6, i1 true)
  %10 = bitcast ptr %2 to ptr
  %11 = load double, ptr %10, align 1
  %12 = getelementptr inbounds i8, ptr %2, i64 8
  %13 = bitcast ptr %12 to ptr
  %14 = load double, ptr %13, align 1
  %15 = fadd double %11, %14
  %16 = sitofp i64 %9 to double
  %17 = fdiv double %15, %16
  %18 = icmp sgt i64 %6, -1
  br i1 %18, label %25, label %19

19:                                               ; preds = %8
  %20 = fcmp ogt double %17, 0x7BEFFFFFFFFFFFFF
  %21 = fcmp olt double %17, 0xFBEFFFFFFFFFFFFF
  %22 = select i1 %21, double 0xFBEFFFFFFFFFFFFF, double %17
  %23 = fmul double %22, 0x43F0000000000000
  %24 = select i1 %20, double 0x7FEFFFFFFFFFFFFF, double %23
  br label %25

25:                                               ; preds = %19, %8, %3
  %26 = phi double [ 0.000000e+00, %3 ], [ %24, %19 ], [ %17, %8 ]
  ret double %26
}

define double @vk_average_avg_i64(ptr noundef readnone captures(none) %0, i32 noundef %1, ptr noundef readonly captures(none) %2) alwaysinline nounwind {
  %4 = getelementptr inbounds i8, ptr %2, i64 16
  %5 = bitcast ptr %4 to ptr
  %6 = load i64, ptr %5, align 1
  %7 = icmp eq i64 %6, 0
  br i1 %7, label %53, label %8

8:                                                ; preds = %3
  %9 = bitcast ptr %2 to ptr
  %10 = load i64, ptr %9, align 1
  %11 = getelementptr inbounds i8, ptr %2, i64 8
  %12 = bitcast ptr %11 to ptr
  %13 = load i64, ptr %12, align 1
  %14 = ashr i64 %10, 63
  %15 = icmp eq i64 %14, %13
  br i1 %15, label %16, label %18

16:                                               ; preds = %8
  %17 = sitofp i64 %10 to double
  br label %49

18:                                               ; preds = %8
  %19 = icmp slt i64 %13, 0
  br i1 %19, label %20, label %26

20:                                               ; preds = %18
  %21 = sub i64 0, %10
  %22 = xor i64 %13, -1
  %23 = icmp eq i64 %10, 0
  %24 = zext i1 %23 to i64
  %25 = add i64 %24, %22
  br label %26

26:                                               ; preds = %20, %18
  %27 = phi i64 [ %21, %20 ], [ %10, %18 ]
  %28 = phi i64 [ %25, %20 ], [ %13, %18 ]
  %29 = icmp eq i64 %28, 0
  br i1 %29, label %42, label %30

30:                                               ; preds = %26, %30
  %31 = phi double [ %40, %30 ], [ 1.000000e+00, %26 ]
  %32 = phi i64 [ %39, %30 ], [ %28, %26 ]
  %33 = phi i64 [ %38, %30 ], [ %27, %26 ]
  %34 = lshr i64 %33, 1
  %35 = and i64 %33, 1
  %36 = or i64 %34, %35
  %37 = shl i64 %32, 63
  %38 = or i64 %36, %37
  %39 = lshr i64 %32, 1
  %40 = fmul double %31, 2.000000e+00
  %41 = icmp ult i64 %32, 2
  br i1 %41, label %42, label %30

42:                                               ; preds = %30, %26
  %43 = phi i64 [ %27, %26 ], [ %38, %30 ]
  %44 = phi double [ 1.000000e+00, %26 ], [ %40, %30 ]
  %45 = uitofp i64 %43 to double
  %46 = fmul double %44, %45
  %47 = fneg double %46
  %48 = select i1 %19, double %47, double %46
  br label %49

49:                                               ; preds = %16, %42
  %50 = phi double [ %17, %16 ], [ %48, %42 ]
  %51 = sitofp i64 %6 to double
  %52 = fdiv double %50, %51
  br label %53

53:                                               ; preds = %3, %49
  %54 = phi double [ %52, %49 ], [ 0.000000e+00, %3 ]
  ret double %54
}

define double @vk_ewma_get_f64(ptr readnone captures(none) %0, i32 %1, ptr noundef readonly captures(none) %2, i64 noundef %3) alwaysinline nounwind {
  %5 = shl i64 %3, 3
  %6 = add i64 %5, 8
  %7 = getelementptr inbounds i8, ptr %2, i64 %6
  %8 = bitcast ptr %7 to ptr
  %9 = load double, ptr %8, align 1
  ret double %9
}

define double @vk_ewma_get_i64(ptr noundef readnone captures(none) %0, i32 noundef %1, ptr noundef readonly captures(none) %2, i64 noundef %3) alwaysinline nounwind {
  %5 = shl i64 %3, 3
  %6 = add i64 %5, 8
  %7 = getelementptr inbounds i8, ptr %2, i64 %6
  %8 = bitcast ptr %7 to ptr
  %9 = load double, ptr %8, align 1
  ret double %9
}

define i64 @vk_window_word(ptr noundef readonly captures(none) %0, i64 noundef %1, i64 noundef %2) alwaysinline nounwind {
  %4 = icmp sgt i64 %1, -1
  %5 = icmp slt i64 %1, %2
  %6 = and i1 %4, %5
  br i1 %6, label %7, label %21

7:                                                ; preds = %3
  %8 = getelementptr inbounds i8, ptr %0, i64 8
  %9 = bitcast ptr %8 to ptr
  %10 = load i64, ptr %9, align 1
  %11 = icmp sgt i64 %10, %1
  br i1 %11, label %12, label %21

12:                                               ; preds = %7
  %13 = bitcast ptr %0 to ptr
  %14 = load i64, ptr %13, align 1
  %15 = xor i64 %1, -1
  %16 = add i64 %14, %15
  %17 = icmp slt i64 %16, 0
  %18 = select i1 %17, i64 %2, i64 0
  %19 = add i64 %16, 5
  %20 = add i64 %19, %18
  br label %21

21:                                               ; preds = %3, %7, %12
  %22 = phi i64 [ %20, %12 ], [ 0, %7 ], [ 0, %3 ]
  ret i64 %22
}

define double @vk_window_kth_f64(ptr noundef readnone captures(none) %0, i32 noundef %1, ptr noundef readonly captures(none) %2, i64 noundef %3, i64 noundef %4) alwaysinline nounwind {
  %6 = icmp sgt i64 %3, -1
  %7 = icmp slt i64 %3, %4
  %8 = and i1 %6, %7
  br i1 %8, label %9, label %23

9:                                                ; preds = %5
  %10 = getelementptr inbounds i8, ptr %2, i64 8
  %11 = bitcast ptr %10 to ptr
  %12 = load i64, ptr %11, align 1
  %13 = icmp sgt i64 %12, %3
  br i1 %13, label %14, label %23

14:                                               ; preds = %9
  %15 = bitcast ptr %2 to ptr
  %16 = load i64, ptr %15, align 1
  %17 = xor i64 %3, -1
  %18 = add i64 %16, %17
  %19 = icmp slt i64 %18, 0
  %20 = select i1 %19, i64 %4, i64 0
  %21 = add i64 %18, 5
  %22 = add i64 %21, %20
  br label %23

23:                                               ; preds = %5, %9, %14
  %24 = phi i64 [ %22, %14 ], [ 0, %9 ], [ 0, %5 ]
  %25 = icmp eq i64 %24, 0
  br i1 %25, label %31, label %26

26:                                               ; preds = %23
  %27 = shl i64 %24, 3
  %28 = getelementptr inbounds i8, ptr %2, i64 %27
  %29 = bitcast ptr %28 to ptr
  %30 = load double, ptr %29, align 1
  br label %31

31:                                               ; preds = %23, %26
  %32 = phi double [ %30, %26 ], [ 0.000000e+00, %23 ]
  ret double %32
}

define i64 @vk_window_kth_i64(ptr noundef readnone captures(none) %0, i32 noundef %1, ptr noundef readonly captures(none) %2, i64 noundef %3, i64 noundef %4) alwaysinline nounwind {
  %6 = icmp sgt i64 %3, -1
  %7 = icmp slt i64 %3, %4
  %8 = and i1 %6, %7
  br i1 %8, label %9, label %23

9:                                                ; preds = %5
  %10 = getelementptr inbounds i8, ptr %2, i64 8
  %11 = bitcast ptr %10 to ptr
  %12 = load i64, ptr %11, align 1
  %13 = icmp sgt i64 %12, %3
  br i1 %13, label %14, label %23

14:                                               ; preds = %9
  %15 = bitcast ptr %2 to ptr
  %16 = load i64, ptr %15, align 1
  %17 = xor i64 %3, -1
  %18 = add i64 %16, %17
  %19 = icmp slt i64 %18, 0
  %20 = select i1 %19, i64 %4, i64 0
  %21 = add i64 %18, 5
  %22 = add i64 %21, %20
  br label %23

23:                                               ; preds = %5, %9, %14
  %24 = phi i64 [ %22, %14 ], [ 0, %9 ], [ 0, %5 ]
  %25 = icmp eq i64 %24, 0
  br i1 %25, label %31, label %26

26:                                               ; preds = %23
  %27 = shl i64 %24, 3
  %28 = getelementptr inbounds i8, ptr %2, i64 %27
  %29 = bitcast ptr %28 to ptr
  %30 = load i64, ptr %29, align 1
  br label %31

31:                                               ; preds = %23, %26
  %32 = phi i64 [ %30, %26 ], [ 0, %23 ]
  ret i64 %32
}

define i64 @vk_window_n_f64(ptr noundef readnone captures(none) %0, i32 noundef %1, ptr noundef readonly captures(none) %2, i64 noundef %3) alwaysinline nounwind {
  %5 = getelementptr inbounds i8, ptr %2, i64 8
  %6 = bitcast ptr %5 to ptr
  %7 = load i64, ptr %6, align 1
  ret i64 %7
}

define i64 @vk_window_n_i64(ptr noundef readnone captures(none) %0, i32 noundef %1, ptr noundef readonly captures(none) %2, i64 noundef %3) alwaysinline nounwind {
  %5 = getelementptr inbounds i8, ptr %2, i64 8
  %6 = bitcast ptr %5 to ptr
  %7 = load i64, ptr %6, align 1
  ret i64 %7
}

define double @vk_window_avg_f64(ptr noundef readnone captures(none) %0, i32 noundef %1, ptr noundef readonly captures(none) %2, i64 noundef %3) alwaysinline nounwind {
  %5 = getelementptr inbounds i8, ptr %2, i64 8
  %6 = bitcast ptr %5 to ptr
  %7 = load i64, ptr %6, align 1
  %8 = icmp eq i64 %7, 0
  br i1 %8, label %29, label %9

9:                                                ; preds = %4
  %10 = getelementptr inbounds i8, ptr %2, i64 16
  %11 = bitcast ptr %10 to ptr
  %12 = load double, ptr %11, align 1
  %13 = getelementptr inbounds i8, ptr %2, i64 24
  %14 = bitcast ptr %13 to ptr
  %15 = load double, ptr %14, align 1
  %16 = getelementptr inbounds i8, ptr %2, i64 32
  %17 = bitcast ptr %16 to ptr
  %18 = load i64, ptr %17, align 1
  %19 = icmp eq i64 %18, 0
  %20 = fadd double %12, %15
  %21 = sitofp i64 %7 to double
  %22 = fdiv double %20, %21
  br i1 %19, label %29, label %23

23:                                               ; preds = %9
  %24 = fcmp ogt double %22, 0x7BEFFFFFFFFFFFFF
  %25 = fcmp olt double %22, 0xFBEFFFFFFFFFFFFF
  %26 = select i1 %25, double 0xFBEFFFFFFFFFFFFF, double %22
  %27 = fmul double %26, 0x43F0000000000000
  %28 = select i1 %24, double 0x7FEFFFFFFFFFFFFF, double %27
  br label %29

29:                                               ; preds = %23, %9, %4
  %30 = phi double [ 0.000000e+00, %4 ], [ %28, %23 ], [ %22, %9 ]
  ret double %30
}

define double @vk_window_avg_i64(ptr noundef readnone captures(none) %0, i32 noundef %1, ptr noundef readonly captures(none) %2, i64 noundef %3) alwaysinline nounwind {
  %5 = getelementptr inbounds i8, ptr %2, i64 8
  %6 = bitcast ptr %5 to ptr
  %7 = load i64, ptr %6, align 1
  %8 = icmp eq i64 %7, 0
  br i1 %8, label %55, label %9

9:                                                ; preds = %4
  %10 = getelementptr inbounds i8, ptr %2, i64 16
  %11 = bitcast ptr %10 to ptr
  %12 = load i64, ptr %11, align 1
  %13 = getelementptr inbounds i8, ptr %2, i64 24
  %14 = bitcast ptr %13 to ptr
  %15 = load i64, ptr %14, align 1
  %16 = ashr i64 %12, 63
  %17 = icmp eq i64 %16, %15
  br i1 %17, label %18, label %20

18:                                               ; preds = %9
  %19 = sitofp i64 %12 to double
  br label %51

20:                                               ; preds = %9
  %21 = icmp slt i64 %15, 0
  br i1 %21, label %22, label %28

22:                                               ; preds = %20
  %23 = sub i64 0, %12
  %24 = xor i64 %15, -1
  %25 = icmp eq i64 %12, 0
  %26 = zext i1 %25 to i64
  %27 = add i64 %26, %24
  br label %28

28:                                               ; preds = %22, %20
  %29 = phi i64 [ %23, %22 ], [ %12, %20 ]
  %30 = phi i64 [ %27, %22 ], [ %15, %20 ]
  %31 = icmp eq i64 %30, 0
  br i1 %31, label %44, label %32

32:                                               ; preds = %28, %32
  %33 = phi double [ %42, %32 ], [ 1.000000e+00, %28 ]
  %34 = phi i64 [ %41, %32 ], [ %30, %28 ]
  %35 = phi i64 [ %40, %32 ], [ %29, %28 ]
  %36 = lshr i64 %35, 1
  %37 = and i64 %35, 1
  %38 = or i64 %36, %37
  %39 = shl i64 %34, 63
  %40 = or i64 %38, %39
  %41 = lshr i64 %34, 1
  %42 = fmul double %33, 2.000000e+00
  %43 = icmp ult i64 %34, 2
  br i1 %43, label %44, label %32

44:                                               ; preds = %32, %28
  %45 = phi i64 [ %29, %28 ], [ %40, %32 ]
  %46 = phi double [ 1.000000e+00, %28 ], [ %42, %32 ]
  %47 = uitofp i64 %45 to double
  %48 = fmul double %46, %47
  %49 = fneg double %48
  %50 = select i1 %21, double %49, double %48
  br label %51

51:                                               ; preds = %18, %44
  %52 = phi double [ %19, %18 ], [ %50, %44 ]
  %53 = sitofp i64 %7 to double
  %54 = fdiv double %52, %53
  br label %55

55:                                               ; preds = %4, %51
  %56 = phi double [ %54, %51 ], [ 0.000000e+00, %4 ]
  ret double %56
}

declare i64 @llvm.abs.i64(i64, i1 immarg) nounwind
